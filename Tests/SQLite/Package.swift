// swift-tools-version: 6.1

import PackageDescription

// A package of its own, because a trait of the root package would have all of that built anew. `sh Tests/SQLite/run.sh`
let package = Package(
    name: "apus-sqlite-tests",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "apus", path: "../..", traits: ["SQLite"]),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .testTarget(
            name: "ApusSQLiteTests",
            dependencies: [
                .product(name: "ApusSQLite", package: "apus"), .product(name: "GRDB", package: "GRDB.swift"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
