#!/usr/bin/env bash
# A package outside the checkout that depends on this one by path and says `import Apus`: it must build with nothing but
# the Swift toolchain, without warnings of ours, and train a model.
#   Tests/Consumer/run.sh
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

/// A layer of one's own, as users write it.
final class Residual: Module {
    let first = Conv2D(8, kernel: 3, padding: .same, activation: .relu)
    let second = Conv2D(8, kernel: 3, padding: .same)

    func callAsFunction(_ x: Tensor) -> Tensor { relu(second(first(x)) + x) }
}

let digits = try Digits.generate(count: 3_000, seed: 1)
let model = Sequential {
    Conv2D(8, kernel: 3, stride: 2, padding: .same, activation: .relu)
    Residual()
    MaxPool2D(2)
    Flatten()
    Dropout(0.2)
    Dense(10)
}
let trainer = Trainer(
    model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 3e-3), metrics: [.accuracy], seed: 1)
let history = try trainer.fit(digits.train.shuffled(seed: 7).batched(64), validation: digits.test, epochs: 4)
let accuracy = history.epochs.last?.validationMetrics["accuracy"] ?? 0
try model.save(to: "model.safetensors")
print("consumer: test accuracy \(accuracy)")

let x = Tensor([1.0, 2, 3])
let slope: [Float] = try gradient(at: x) { ($0 * $0).sum() }.array()
guard accuracy > 0.85, slope == [2, 4, 6] else { fatalError("the model was not trained") }
PROGRAM

cd "$folder"
swift build -c release 2>&1 | tee build.log | tail -n 1
if grep "warning:" build.log; then
    echo "the build of a dependent package has warnings" >&2
    exit 1
fi
swift run -c release --skip-build consumer
test -s model.safetensors
