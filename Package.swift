// swift-tools-version: 6.1

import PackageDescription

// Targets in floor order: each imports only floors below it (docs/Architecture.md).
let package = Package(
    name: "apus",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Apus", targets: ["Apus"]),
        .library(name: "ApusWorkloads", targets: ["ApusWorkloads"]),
        .library(name: "ApusSQLite", targets: ["ApusSQLite"]),
        .library(name: "ApusInterop", targets: ["ApusInterop"]),
        .executable(name: "apus", targets: ["ApusCommand"]),
    ],
    traits: [
        .trait(name: "SQLite", description: "Queries of SQLite databases as data (needs the headers of SQLite)"),
        .trait(name: "Interop", description: "Files of other frameworks in protocol buffers: ONNX"),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .target(name: "CKernels"),
        .target(name: "CAllocationCounter"),
        .target(name: "CImageCodecs"),
        .target(name: "ApusCore", dependencies: ["CKernels"]),
        .target(name: "ApusNN", dependencies: ["ApusCore"]),
        .target(name: "ApusData", dependencies: ["ApusCore", "CImageCodecs"]),
        // Empty without the trait, so that nobody else needs GRDB and the headers of SQLite.
        .target(
            name: "ApusSQLite",
            dependencies: [
                "ApusCore", "ApusData",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
            ]),
        // Likewise, because the repository of SwiftProtobuf is large.
        .target(
            name: "ApusInterop",
            dependencies: [
                "ApusCore", "ApusData",
                .product(name: "SwiftProtobuf", package: "swift-protobuf", condition: .when(traits: ["Interop"])),
            ],
            exclude: ["Protos"]),
        .target(name: "ApusTraining", dependencies: ["ApusNN", "ApusData"]),
        .target(name: "ApusModels", dependencies: ["ApusNN"]),
        .target(name: "Apus", dependencies: ["ApusCore", "ApusNN", "ApusData", "ApusTraining", "ApusModels"]),
        .target(name: "ApusWorkloads", dependencies: ["Apus", "CKernels"]),
        .executableTarget(
            name: "ApusCommand",
            dependencies: ["Apus", "ApusWorkloads", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(name: "Examples", dependencies: ["Apus"], path: "Examples"),
        .target(
            name: "TestSupport", dependencies: ["Apus", "CAllocationCounter"], path: "Tests/TestSupport"),
        .testTarget(name: "ApusCoreTests", dependencies: ["ApusCore", "CKernels", "TestSupport"]),
        .testTarget(name: "ApusNNTests", dependencies: ["Apus", "TestSupport"]),
        .testTarget(name: "ApusDataTests", dependencies: ["Apus", "TestSupport"]),
        .testTarget(
            name: "ApusTrainingTests", dependencies: ["Apus", "CAllocationCounter", "CKernels", "TestSupport"]),
        .testTarget(
            name: "ApusTests", dependencies: ["Apus", "ApusWorkloads", "Examples", "TestSupport"],
            exclude: ["Parity/Names"]),
        .testTarget(name: "ApusCommandTests", dependencies: ["Apus", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
