// swift-tools-version: 6.2
import PackageDescription

// Targets stand in the order of the pipeline: every dependency points to an earlier line (docs/architecture.md).

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "aisle",
    products: [
        .executable(name: "aisle", targets: ["aisle"]),
        .library(name: "Aisle", targets: ["Engine"]),
        // For Benchmarks/, which measures what Aisle is made of.
        .library(
            name: "AisleModules",
            targets: ["CKernels", "Tensors", "VectorSearch", "Catalog", "Encoder", "IndexStore", "Engine", "Training"]),
    ],
    traits: [
        .trait(
            name: "TLS", description: "`aisle serve` can encrypt by itself; BoringSSL is built, which takes minutes.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: ["FullFoundation"]),
        .package(url: "https://github.com/apple/swift-collections", from: "1.5.0"),
        // Without its JSON, which takes true for 1: settings files are read by JSONReading.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.11.0"),
    ],
    targets: [
        // One strict JSON scanner for feeds, tokenizer files and stored attributes (docs/decisions/0002-one-json-reader.md).
        .target(name: "JSONReading", swiftSettings: swiftSettings),
        .target(name: "HTMLWriting", swiftSettings: swiftSettings),

        .target(name: "CKernels"),
        .target(name: "CPageChecksums", linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Hashing", dependencies: ["COpenSSL"], swiftSettings: swiftSettings),
        .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: swiftSettings),

        .target(name: "Tokenization", dependencies: ["JSONReading"], swiftSettings: swiftSettings),
        .target(name: "Catalog", dependencies: ["JSONReading"], swiftSettings: swiftSettings),
        .target(name: "VectorSearch", dependencies: ["Tensors"], swiftSettings: swiftSettings),

        .target(
            name: "Encoder",
            dependencies: ["Tokenization", "Tensors", "JSONReading", "Hashing"],
            swiftSettings: swiftSettings),
        .target(
            name: "IndexStore",
            dependencies: [
                "VectorSearch", "Catalog", "JSONReading", "Tensors", "CPageChecksums",
                .product(name: "GRDB", package: "GRDB.swift"), "Hashing",
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "Engine",
            dependencies: ["Encoder", "IndexStore", "JSONReading", "CZlib", "Hashing", "Tensors", "Tokenization"],
            swiftSettings: swiftSettings),

        .target(
            name: "Training", dependencies: ["Encoder", "Catalog", "Tokenization", "Tensors", "Hashing"],
            swiftSettings: swiftSettings),

        .target(
            name: "Evaluation",
            dependencies: ["Engine", "Encoder", "Catalog", "VectorSearch", "Tensors", "Hashing", "HTMLWriting"],
            swiftSettings: swiftSettings),

        .target(
            name: "Tuning",
            dependencies: [
                "Evaluation", "Training", "Engine", "Encoder", "Catalog", "VectorSearch", "Tensors", "Hashing",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Server",
            dependencies: [
                "Engine", "IndexStore", "Catalog", "Hashing", "HTMLWriting", "JSONReading",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird", condition: .when(traits: ["TLS"])),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Page/Assets"), .embedInCode("OpenAPI")], swiftSettings: swiftSettings),

        .executableTarget(
            name: "aisle",
            dependencies: [
                "Server", "Tuning", "Evaluation", "Training", "Engine", "Encoder", "Tokenization", "Catalog", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),

        .testTarget(name: "JSONReadingTests", dependencies: ["JSONReading"], swiftSettings: swiftSettings),
        .testTarget(name: "HTMLWritingTests", dependencies: ["HTMLWriting"], swiftSettings: swiftSettings),
        .testTarget(name: "HashingTests", dependencies: ["Hashing"], swiftSettings: swiftSettings),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels"], swiftSettings: swiftSettings),
        .testTarget(
            name: "TokenizationTests", dependencies: ["Tokenization", "JSONReading"], resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(name: "CatalogTests", dependencies: ["Catalog"], swiftSettings: swiftSettings),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        .target(name: "CWriteFaults", path: "Tests/CWriteFaults"),
        .testTarget(
            name: "VectorSearchTests", dependencies: ["VectorSearch", "Tensors", "CAllocationCount"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EncoderTests", dependencies: ["Encoder", "Tensors", "Tokenization", "CAllocationCount"],
            resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(
            name: "IndexStoreTests",
            dependencies: [
                "IndexStore", "CPageChecksums", "Catalog", "VectorSearch", "JSONReading", "Tensors",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "CZlib", "Hashing", "Tensors", "CWriteFaults", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TrainingTests", dependencies: ["Training", "Encoder", "Catalog", "Tensors"],
            exclude: ["Losses/make_fixtures.py"],
            resources: [.copy("Losses/Fixtures")], swiftSettings: swiftSettings),
        .testTarget(
            name: "EvaluationTests",
            dependencies: ["Evaluation", "Engine", "Encoder", "Catalog", "VectorSearch", "Tensors", "HTMLWriting"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TuningTests",
            dependencies: ["Tuning", "Training", "Evaluation", "Engine", "Encoder", "Catalog", "Tensors"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Engine", "Catalog", "HTMLWriting",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "aisleTests", dependencies: ["aisle", "Evaluation", "Engine", "Catalog", "Encoder", "Tensors"],
            swiftSettings: swiftSettings),
    ]
)

// `make thread-sanitizer` builds what inserts and searches at once, and neither server nor program: instrumented, those take long.
if Context.environment["AISLE_PART"] == "engine" {
    let part = package.targets.prefix { $0.name != "Training" }.map(\.name)
    let tests = ["CAllocationCount", "CWriteFaults", "VectorSearchTests", "EngineTests"]
    package.targets.removeAll { !(part + tests).contains($0.name) }
    package.products.removeAll { $0.name != "Aisle" }
}
