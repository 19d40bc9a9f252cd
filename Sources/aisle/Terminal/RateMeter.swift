// Speed over the last seconds, so that the time left follows a step that becomes slower or faster.

/// Measures how fast a step goes.
struct RateMeter {
    private struct Sample {
        let time: Double
        let completed: Int
        let fraction: Double?
    }

    /// Seconds over which the rate is taken.
    private static let window = 15.0
    /// Seconds between two samples that are kept.
    private static let spacing = 0.5
    /// No rate is told before so many seconds have passed.
    private static let shortest = 0.5

    private var samples: [Sample] = []

    /// Notes how far the step has come at a time, in seconds of any clock that does not go back.
    mutating func note(_ state: ProgressState, at time: Double) {
        let sample = Sample(time: time, completed: state.completed, fraction: state.fraction)
        // The last sample is the present one; those before it stay a little apart.
        if samples.count > 1, samples[samples.count - 1].time - samples[samples.count - 2].time < Self.spacing {
            samples[samples.count - 1] = sample
        } else {
            samples.append(sample)
        }
        while samples.count > 2, samples[1].time <= time - Self.window { samples.removeFirst() }
    }

    /// Units a second over the last seconds.
    var rate: Double? {
        guard let (first, last) = ends else { return nil }
        return Double(last.completed - first.completed) / (last.time - first.time)
    }

    /// Seconds until the share done is 1, if it goes on like this.
    var secondsLeft: Double? {
        guard let (first, last) = ends, let before = first.fraction, let now = last.fraction, now > before else {
            return nil
        }
        return max(0, (1 - now) * (last.time - first.time) / (now - before))
    }

    private var ends: (first: Sample, last: Sample)? {
        guard let first = samples.first, let last = samples.last, last.time - first.time >= Self.shortest else {
            return nil
        }
        return (first, last)
    }
}
