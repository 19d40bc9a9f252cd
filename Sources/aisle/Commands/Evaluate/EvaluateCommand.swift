import ArgumentParser

/// `aisle evaluate`: how good search, graph and space are.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure search, compare two searches, examine graph and space.",
        discussion: """
            Does search find what shoppers want?
              aisle evaluate --index indexes/shop --queries queries.jsonl --qrels judgments.tsv --report search.html
            Is B better than A?
              aisle evaluate compare a.run b.run --qrels judgments.tsv
            Is the graph telling the truth, and is the space healthy?
              aisle evaluate graph --index indexes/shop
              aisle evaluate geometry --index indexes/shop --labels category:1
            """,
        subcommands: [
            EvaluateSearchCommand.self, EvaluateCompareCommand.self, EvaluateGraphCommand.self,
            EvaluateGeometryCommand.self, EvaluateTripletsCommand.self,
        ], defaultSubcommand: EvaluateSearchCommand.self)
}
