// What can be wrong with parameters and graphs that come from outside.

public import Foundation

/// What this module refuses; everything else that is wrong is the caller's bug and a precondition.
public enum VectorSearchError: Error, Hashable, Sendable {
    /// A graph parameter outside its range.
    case parameter(name: String, value: String, allowed: String)
    /// A graph whose parts contradict each other, as after damage on disk.
    case damagedGraph(node: UInt32?, level: Int?, problem: String)
}

extension VectorSearchError: CustomStringConvertible, LocalizedError {
    /// Expected and found, where, and what to do next.
    public var description: String {
        switch self {
        case .parameter(let name, let value, let allowed):
            return "\(name) is \(value), allowed is \(allowed); choose a value in that range"
        case .damagedGraph(let node, let level, let problem):
            var place = node.map { " at node \($0)" } ?? ""
            if let level { place += ", level \(level)" }
            return "the neighbour graph is damaged\(place): \(problem); build the graph again from its vectors"
        }
    }

    /// The description, as Foundation asks for it.
    public var errorDescription: String? { description }
}
