import ApusCore
import Foundation
import TestSupport
import Testing

/// Random calls: whatever shapes, types and attributes are, the outcome is the definition's value or an `ApusError`.
///
/// `APUS_FUZZ` sets the number of calls and `APUS_FUZZ_SEED` the first seed (call `n` depends on that plus `n` alone);
/// the call that runs is written to the file that `APUS_FUZZ_LOG` names, so that a crash tells what it was, and
/// `APUS_FUZZ_NAME` limits the calls to one operation.
@Suite struct FuzzTests {
    @Test func everyOperationIsCalled() {
        let called = Set(fuzzCases.map(\.name)).union(fuzzExemptions.keys)
        let missing = Set(Catalog.operations.map(\.name)).subtracting(called)
        #expect(missing.isEmpty, "without random calls: \(missing.sorted())")
        let gone = called.subtracting(Catalog.operations.map(\.name))
        #expect(gone.isEmpty, "not in the catalog: \(gone.sorted())")
    }

    @Test func noCallTrapsAndAllAgreeWithTheDefinitions() throws {
        let environment = ProcessInfo.processInfo.environment
        let calls = environment["APUS_FUZZ"].flatMap { Int($0) } ?? quickCalls
        let first = environment["APUS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0
        let cases = environment["APUS_FUZZ_NAME"].map { name in fuzzCases.filter { $0.name == name } } ?? fuzzCases
        let log = environment["APUS_FUZZ_LOG"].flatMap { path -> FileHandle? in
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            return FileHandle(forWritingAtPath: path)
        }
        let limit = Memory.limit
        Memory.limit = 1 << 30
        defer { Memory.limit = limit }
        var tally = FuzzTally()
        var times: [String: Duration] = [:]
        for call in 0..<UInt64(calls) {
            let seed = first &+ call
            var random = TestRandom(seed)
            let fuzz = random.any(of: cases)
            if let log {
                try log.seek(toOffset: 0)
                try log.write(contentsOf: Data("\(seed) \(fuzz.name)                              \n".utf8))
            }
            let started = ContinuousClock.now
            let tensor = fuzz.call(&random)
            let problem = tally.run(tensor, fuzz, withGradient: random.integer(0...3) == 0)
            let took = started.duration(to: .now)
            times[fuzz.name, default: .zero] += took
            if let problem {
                Issue.record(
                    "seed \(seed), \(fuzz.name), \(tensor.shape) of \(tensor.dtype): \(problem)\(inputs(tensor))")
            } else if calls > quickCalls, took > .seconds(20) {
                Issue.record("seed \(seed), \(fuzz.name), \(tensor.shape) of \(tensor.dtype) took \(took)")
            }
        }
        if calls > quickCalls {
            print(tally)
            let slowest = times.sorted { $0.value > $1.value }.prefix(8)
            print("longest: " + slowest.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        // Most calls must mean something, and some must not.
        #expect(tally.values > calls / 3 && tally.errors > calls / 50, "\(tally)")
    }
}

/// A few seconds of calls.
#if DEBUG
    private let quickCalls = 500
#else
    private let quickCalls = 3000
#endif

/// The data that a tensor is computed from.
private func inputs(_ tensor: Tensor) -> String {
    guard let trace = try? Trace([tensor.node]) else { return "" }
    return "; inputs:"
        + trace.leaves.map { leaf in
            let values: [Double] = (try? Tensor(node: leaf).array()) ?? []
            return " \(leaf.shape) \(leaf.dtype) \(values.prefix(24))"
        }.joined()
}

/// What became of the calls so far.
struct FuzzTally: CustomStringConvertible {
    private(set) var values = 0
    private(set) var errors = 0
    private(set) var skipped = 0
    private(set) var gradients = 0

    var description: String {
        "\(values) values (\(gradients) with gradients), \(errors) errors, \(skipped) too large to compare"
    }

    /// Computes a tensor by the fused program, the plain one and the definitions; says where they differ.
    mutating func run(_ tensor: Tensor, _ fuzz: FuzzCase, withGradient: Bool) -> String? {
        if tensor.error != nil {
            errors += 1
            return nil
        }
        do {
            let trace = try Trace([tensor.node])
            guard trace.steps.allSatisfy({ $0.node.shape.count <= 100_000 }) else {
                skipped += 1
                return try large(tensor)
            }
            let fused = try values(trace)
            let plain = try EngineOptions.$isFused.withValue(false) { try values(trace) }
            values += 1
            if withGradient, let problem = try gradient(trace, tensor, fuzz) { return "gradient, " + problem }
            if fuzz.comparison == .none { return nil }
            let isExact = trace.steps.allSatisfy { $0.node.dtype != .float32 && $0.node.dtype.size != 2 }
            let tolerance = isExact ? 1e-9 : trace.steps.contains { $0.node.dtype.size == 2 } ? 5e-2 : 1e-4
            if fuzz.comparison == .float64, !isExact { return nil }
            let expected = try ReferenceExecutor.evaluate(tensor).values
            let step = fuzz.comparison == .cutOff && tensor.dtype.isInteger ? 1.0 : 0
            // Where an infinity is multiplied by factors of both signs, the factors may have been added first.
            let mayAddFirst = trace.steps.contains {
                if case .reduce(.sum, _) = $0.node.operation.role { tensor.dtype.isFloatingPoint } else { false }
            }
            func problem(_ name: String, _ found: [Double]) -> String? {
                let possible = zip(found, expected).map { mayAddFirst && $0.isInfinite && $1.isNaN ? .nan : $0 }
                guard possible.count == found.count else { return "\(name): \(found.count) elements" }
                return difference(
                    possible, expected, tensor.dtype, tolerance, scale: Swift.max(1, largest(trace) * 1e-4), step: step
                ).map { "\(name): \($0)" }
            }
            return problem("fused", fused) ?? problem("plain", plain)
        } catch is ApusError {
            errors += 1
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Reads a tensor that is too large for the definitions, unless it would take long.
    private func large(_ tensor: Tensor) throws -> String? {
        guard tensor.shape.count * tensor.dtype.size > Memory.limit else { return nil }
        do throws(ApusError) {
            _ = try tensor.storage()
            return "more than the memory holds was computed"
        } catch {
            return error.kind == .resource ? nil : nil
        }
    }

    /// - Parameter moved: whether float inputs are first changed by up to a millionth
    private func values(_ trace: Trace, moved: Bool = false) throws -> [Double] {
        let program = try Compiler.compile(
            trace, resultCount: trace.outputs.count, updateLeaves: [], precision: .fast)
        let inputs = try trace.leaves.map { leaf in
            guard moved, leaf.dtype.isFloatingPoint else { return try Tensor(node: leaf).storage() }
            let noise = Tensor.randomUniform(leaf.shape, low: -1e-6, high: 1e-6, seed: 1, dtype: leaf.dtype)
            return try (Tensor(node: leaf) * (1 + noise) + noise).storage()
        }
        let outputs = try program.run(inputs)
        guard let output = outputs.first, let result = program.results.first else { return [] }
        return (0..<result.shape.count).map { output.value(at: $0, result.dtype) }
    }

    /// Derivatives with respect to all inputs exist or end in an error; fused and plain programs agree on them.
    private mutating func gradient(_ trace: Trace, _ tensor: Tensor, _ fuzz: FuzzCase) throws -> String? {
        let inputs = trace.leaves.filter { $0.dtype == .float32 || $0.dtype == .float64 }.map { Tensor(node: $0) }
        guard tensor.dtype == .float32 || tensor.dtype == .float64, !inputs.isEmpty else { return nil }
        for gradient in ApusCore.gradients(of: tensor.sum(), withRespectTo: inputs) {
            if let error = gradient.error { return "\(error)" }
            let trace = try Trace([gradient.node])
            func problem(moved: Bool) throws -> String? {
                let fused = try values(trace, moved: moved)
                let plain = try EngineOptions.$isFused.withValue(false) { try values(trace, moved: moved) }
                guard tensor.dtype == .float64, plain.allSatisfy(\.isFinite) else { return nil }
                return difference(fused, plain, gradient.dtype, 1e-7, scale: Swift.max(1, largest(trace) * 1e-6))
            }
            guard let here = try problem(moved: false) else { continue }
            if fuzz.derivativeJumps, try problem(moved: true) == nil { continue }
            return here
        }
        gradients += 1
        return nil
    }

    /// The largest of the wild numbers that was drawn, with what multiplies it, if it is a constant: where it cancels, its
    /// rounding remains. Constants of operations themselves are smaller, or the largest number there is.
    private func largest(_ trace: Trace) -> Double {
        trace.steps.reduce(0) { largest, step in
            guard case .fill(let value) = step.node.operation.role, (1e290..<1e305).contains(Swift.abs(value)) else {
                return largest
            }
            return Swift.max(largest, Swift.abs(value))
        }
    }

    private func difference(
        _ values: [Double], _ wanted: [Double], _ dtype: DType, _ tolerance: Double, scale: Double = 1,
        step: Double = 0
    ) -> String? {
        guard values.count == wanted.count else { return "\(values.count) elements, expected \(wanted.count)" }
        let scale = wanted.filter(\.isFinite).reduce(scale) { Swift.max($0, Swift.abs($1)) }
        for (index, (value, target)) in zip(values, wanted).enumerated() {
            if value == target || value.isNaN && target.isNaN { continue }
            if Swift.abs(value - target) <= Swift.max(tolerance * scale, step) { continue }
            // Integers beyond 64 bits have no definition.
            if dtype.isInteger, target.isNaN || Swift.abs(target) >= 0x1p63 { continue }
            // Bytes wrap around; definitions are in float64.
            if dtype == .uint8, (value - target).truncatingRemainder(dividingBy: 256) == 0 { continue }
            return "element \(index) is \(value), expected \(target)"
        }
        return nil
    }
}
