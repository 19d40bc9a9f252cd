package import Evaluation

/// Who hears what a tuning has to say, and may stop it.
package struct TuningListener: Sendable {
    /// Told how far it is; what it throws stops the work.
    package var progress: EvaluationProgress
    /// Asked while files are read.
    package var isCancelled: @Sendable () -> Bool
    /// Sentences about data and course.
    package var note: @Sendable (String) -> Void
    /// Sentences about what may be wrong.
    package var warn: @Sendable (String) -> Void
    /// Tables: quantiles of mined negatives, averages of the weights.
    package var table: @Sendable (ReportTable) -> Void

    /// Hears everything.
    package init(
        progress: @escaping EvaluationProgress, isCancelled: @escaping @Sendable () -> Bool,
        note: @escaping @Sendable (String) -> Void, warn: @escaping @Sendable (String) -> Void,
        table: @escaping @Sendable (ReportTable) -> Void
    ) {
        self.progress = progress
        self.isCancelled = isCancelled
        self.note = note
        self.warn = warn
        self.table = table
    }
}
