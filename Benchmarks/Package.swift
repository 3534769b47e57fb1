// swift-tools-version: 6.0

import PackageDescription

// A package of its own, so that who uses Apus neither sees nor builds its benchmarks.
let package = Package(
    name: "apus-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "apus", path: "..")],
    targets: [
        .executableTarget(
            name: "apus-benchmark",
            dependencies: [.product(name: "Apus", package: "apus"), .product(name: "ApusWorkloads", package: "apus")])
    ],
    swiftLanguageModes: [.v6]
)
