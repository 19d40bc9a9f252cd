// Help as people see it in 80 columns, compared whole.

import ArgumentParser
import Testing

@testable import aisle

struct HelpTests {
    @Test func `search explains itself`() {
        #expect(
            AisleCommand.helpMessage(for: SearchCommand.self, columns: 80) == """
                OVERVIEW: Find the products nearest in meaning to a query.

                USAGE: aisle search <query> --index <dir> [-k <count>] [--where <expr>] [--ef <count>] [--rescore <count>] [--exact] [--json]

                ARGUMENTS:
                  <query>                 What a shopper would type.

                OPTIONS:
                  --index <dir>           The index: a directory.
                  -k <count>              Number of hits. (default: 10)
                  --where <expr>          Only products that match, e.g. "price < 50 and
                                          category = 'Garden > Tools'".
                  --ef <count>            Width of the graph search: more finds more, slower
                                          (default: max(64, k)).
                  --rescore <count>       Most candidates of the graph search that are compared
                                          again in 16 bits (default: k and some more).
                  --exact                 Compare with every product instead of walking the
                                          graph.
                  --json                  Print one JSON object.
                  --version               Show the version.
                  -h, --help              Show help information.

                """)
    }

    @Test func `tokenize explains itself`() {
        #expect(
            AisleCommand.helpMessage(for: TokenizeCommand.self, columns: 80) == """
                OVERVIEW: Print the token ids of texts, one {"ids": […]} a line.

                Special tokens are included and nothing is cut off, however long the text is.

                USAGE: aisle tokenize <file.jsonl> --model <name|dir>

                ARGUMENTS:
                  <file.jsonl>            One {"text": …} a line; title and sentence are
                                          accepted; - is standard input.

                OPTIONS:
                  --model <name|dir>      The model: a name as in `aisle model pull`, or a
                                          model directory.
                  --version               Show the version.
                  -h, --help              Show help information.

                """)
    }
}
