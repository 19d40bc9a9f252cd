// What a shopper did with a product on a result page, in the words of User Behavior Insights (UBI).
//
// The names of the schemas, whatever their case, and "click_through", as versions 1.0 to 1.2 call a click. Everything else a shop logs
// ("search", "item_click", "brand_filter") keeps its name and counts for nothing: what it says about a product, only the shop knows.

/// What a shopper did.
public enum ClickAction: Hashable, Sendable, CustomStringConvertible {
    /// Saw the product among the results.
    case impression
    /// Opened the product.
    case click
    /// Looked at the product; what that is, differs from shop to shop.
    case view
    /// Put the product on a watch list.
    case watch
    /// Put the product into the cart.
    case addToCart
    /// Bought the product.
    case purchase
    /// Something else, by its name in the log.
    case other(String)

    /// The action with this name in a log.
    public init(name: String) {
        switch name.lowercased() {
        case "impression": self = .impression
        case "click", "click_through": self = .click
        case "view": self = .view
        case "watch": self = .watch
        case "add_to_cart": self = .addToCart
        case "purchase": self = .purchase
        default: self = .other(name)
        }
    }

    /// The action's name in UBI 1.3.
    public var description: String {
        switch self {
        case .impression: "impression"
        case .click: "click"
        case .view: "view"
        case .watch: "watch"
        case .addToCart: "add_to_cart"
        case .purchase: "purchase"
        case .other(let name): name
        }
    }
}
