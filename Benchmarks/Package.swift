// swift-tools-version: 6.1
import PackageDescription

// What is measured inside the process: kernels, the encoder, a training step, and the figures of scripts/bench-encode,
// bench-graph and bench-growth.
// Build it with -Xswiftc -enable-testing, as the Makefile does.
// A package of its own, so that nobody who uses Aisle resolves what only measuring needs.

let modules = Target.Dependency.product(name: "AisleModules", package: "aisle")

func benchmarks(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.product(name: "Benchmark", package: "benchmark"), modules, "Measuring"],
        path: "Benchmarks/\(name)",
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let package = Package(
    name: "aisle-benchmarks",
    platforms: [.macOS(.v13)],
    dependencies: [
        .package(name: "aisle", path: ".."),
        // Without its traits, which replace malloc and the runtime's functions by their own: its malloc counts read 0 then and say
        // nothing. Allocations are counted by Tests/CAllocationCount.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []),
    ],
    targets: [
        .target(name: "Measuring", dependencies: [modules], path: "Benchmarks/Measuring"),
        benchmarks("KernelBenchmarks"),
        benchmarks("EncoderBenchmarks"),
        benchmarks("TrainingBenchmarks"),
        .executableTarget(
            name: "encoder-figures", dependencies: [modules, "Measuring"], path: "Benchmarks/encoder-figures"),
        .executableTarget(
            name: "graph-figures", dependencies: [modules, "Measuring"], path: "Benchmarks/graph-figures"),
        .executableTarget(
            name: "index-figures", dependencies: [modules, "Measuring"], path: "Benchmarks/index-figures"),
    ]
)
