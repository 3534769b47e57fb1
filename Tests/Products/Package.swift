// swift-tools-version: 6.1

import PackageDescription

// A package of its own, because a trait of the root package would have all of that built anew; one for both traits, so
// that what they stand on is built once. `bash Tests/Products/run.sh`
let package = Package(
    name: "apus-product-tests",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "apus", path: "../..", traits: ["SQLite", "Interop"]),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .testTarget(
            name: "ApusSQLiteTests",
            dependencies: [
                .product(name: "ApusSQLite", package: "apus"), .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "ApusInteropTests",
            dependencies: [.product(name: "ApusInterop", package: "apus"), "CAllocationCounter"]),
        // Links to parts of the root package that are no products.
        .target(name: "CAllocationCounter"),
    ],
    swiftLanguageModes: [.v6]
)
