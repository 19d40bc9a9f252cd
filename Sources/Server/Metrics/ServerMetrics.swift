// What the server counts, in the text format that Prometheus scrapes (exposition format 0.0.4).

internal import Engine
internal import Synchronization

/// A number that only rises.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    /// What was counted.
    var value: Int { number.load(ordering: .relaxed) }

    /// Counts.
    func increment(by amount: Int = 1) { number.wrappingAdd(amount, ordering: .relaxed) }
}

/// Durations in buckets, cumulative as Prometheus has them.
final class Histogram: Sendable {
    /// Upper ends of the buckets, in seconds.
    static let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

    private let state = Mutex((counts: [Int](repeating: 0, count: Histogram.bounds.count + 1), sum: 0.0))

    /// Takes a duration in seconds.
    func observe(_ seconds: Double) {
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += seconds
        }
    }

    /// Lines of one series.
    func lines(_ name: String, labels: String) -> [String] {
        let (counts, sum) = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var lines: [String] = []
        var total = 0
        for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], counts) {
            total += count
            lines.append("\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)")
        }
        let plain = labels.isEmpty ? "" : "{\(labels)}"
        return lines + ["\(name)_sum\(plain) \(sum)", "\(name)_count\(plain) \(total)"]
    }
}

/// All that is counted.
final class ServerMetrics: Sendable {
    /// Whole requests.
    let requests = Histogram()
    /// Of these the part on a worker: embedding, neighbours and rows.
    let searches = Histogram()
    /// Time that a search waited for a worker.
    let waits = Histogram()
    /// Embedding: of a query, or of those that waited together.
    let embeddings = Histogram()
    /// Neighbours and rows of a query.
    let findings = Histogram()
    /// The last comparison with exact search.
    let recall = Mutex<RecallCheck?>(nil)
    /// Refreshes of the index, and those that failed.
    let refreshes = Counter()
    let refreshFailures = Counter()
    /// Documents of clicks.
    let clicks = ClickCounters()
    /// Requests by class of status: index 1 is 1xx.
    private let statuses = (0...5).map { _ in Counter() }

    /// Takes an answered request.
    func note(status: Int, seconds: Double) {
        requests.observe(seconds)
        if (1...5).contains(status / 100) { statuses[status / 100].increment() }
    }

    /// The page.
    func text(_ status: LiveIndex.Status, load: (running: Int, waiting: Int)) -> String {
        func block(_ name: String, _ type: String, _ help: String, _ lines: [String]) -> [String] {
            ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"] + lines
        }
        func gauge(_ name: String, _ help: String, _ value: Int) -> [String] {
            block(name, "gauge", help, ["\(name) \(value)"])
        }
        var lines = block(
            "aisle_requests_total", "counter", "Requests by class of status.",
            (1...5).map { "aisle_requests_total{status=\"\($0)xx\"} \(statuses[$0].value)" })
        lines += block(
            "aisle_request_seconds", "histogram", "Whole requests.", requests.lines("aisle_request_seconds", labels: "")
        )
        lines += block(
            "aisle_search_seconds", "histogram",
            "Searches by stage: waiting for a worker, working, and of that embedding (once for those that waited together) and finding.",
            waits.lines("aisle_search_seconds", labels: "stage=\"wait\"")
                + searches.lines("aisle_search_seconds", labels: "stage=\"work\"")
                + embeddings.lines("aisle_search_seconds", labels: "stage=\"embed\"")
                + findings.lines("aisle_search_seconds", labels: "stage=\"find\""))
        lines += gauge("aisle_searches_running", "Searches that run.", load.running)
        lines += gauge("aisle_searches_waiting", "Searches that wait for a worker.", load.waiting)
        lines += gauge("aisle_products", "Products in the index.", status.products)
        lines += gauge("aisle_texts", "Distinct texts with a vector.", status.texts)
        lines += gauge("aisle_generation", "Number of the generation that answers.", status.generation)
        if let recall = recall.withLock({ $0 }) {
            lines += block(
                "aisle_recall", "gauge", "Share of the exact ten nearest that the graph found at the last check.",
                ["aisle_recall{generation=\"\(recall.generation)\"} \(recall.recall)"])
            lines += block(
                "aisle_recall_check_timestamp_seconds", "gauge", "When that was.",
                ["aisle_recall_check_timestamp_seconds \(recall.time)"])
        }
        lines += block(
            "aisle_refreshes_total", "counter", "Times that changes of the index were taken over.",
            ["aisle_refreshes_total \(refreshes.value)"])
        lines += block(
            "aisle_refresh_failures_total", "counter", "Times that taking over failed.",
            ["aisle_refresh_failures_total \(refreshFailures.value)"])
        lines += block("aisle_ubi_documents_total", "counter", "Documents of clicks by kind and outcome.", clicks.lines)
        return lines.joined(separator: "\n") + "\n"
    }
}
