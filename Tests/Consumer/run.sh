#!/usr/bin/env bash
# A package outside the checkout that depends on Apus and says `import Apus` builds and trains a model.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/consumer"
cat > "$folder/Package.swift" <<MANIFEST
// swift-tools-version: 6.0
import PackageDescription
let package = Package(
    name: "consumer",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "apus", path: "$root")],
    targets: [.executableTarget(name: "consumer", dependencies: [.product(name: "Apus", package: "apus")])]
)
MANIFEST
cat > "$folder/Sources/consumer/main.swift" <<'PROGRAM'
import Apus

let digits = try Digits.generate(count: 3_000, seed: 1)
let model = Sequential {
    Conv2D(16, kernel: 3, activation: .relu)
    MaxPool2D(2)
    Conv2D(32, kernel: 3, activation: .relu)
    MaxPool2D(2)
    Flatten()
    Dense(10)
}
let trainer = Trainer(
    model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 3e-3), metrics: [.accuracy], seed: 1)
let history = try trainer.fit(digits.train.shuffled(seed: 7).batched(64), validation: digits.test, epochs: 3)
let accuracy = history.epochs.last?.validationMetrics["accuracy"] ?? 0
print("a consumer of the package trained to \(accuracy)")
if accuracy < 0.9 { fatalError("expected at least 0.9") }
PROGRAM
swift run -c release --package-path "$folder" consumer
