// Why documents of clicks were not taken. Nothing of the server's inside is told: these go to every browser.

internal import Catalog
internal import HTTPTypes
internal import IndexStore

extension Problem {
    /// Too many documents wait to be written.
    static var clicksBusy: Problem {
        var problem = Problem(
            "busy", "Too many documents at once", .tooManyRequests,
            "As many documents wait to be stored as may; nothing of these was stored, try again in a second.")
        problem.retryAfter = 1
        return problem
    }

    /// Documents that cannot be used.
    init(_ error: UBISubmissionError) {
        self =
            switch error {
            case .malformed: .malformed(error.description)
            case .count, .invalid: .invalid(error.field, error.description)
            }
    }

    /// Documents that could not be stored.
    init(storing error: StoreError) {
        switch error {
        case .clicksFull, .diskFull:
            self.init(
                "storage-full", "There is no room for clicks",
                HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
                "Nothing was stored: collected clicks have reached their size, or the disk is full.")
        case .busy:
            self.init(
                "clicks-unavailable", "Clicks cannot be stored", .serviceUnavailable,
                "Nothing was stored: the file is in use for longer than it should be; try again.")
            retryAfter = 5
        default:
            self.init(
                "clicks-unavailable", "Clicks cannot be stored", .serviceUnavailable,
                "Nothing was stored: the file of clicks cannot be written; the server's log has the reason.")
            retryAfter = 60
        }
    }
}
