import ApusCore
import Foundation
import TestSupport
import Testing

/// Random calls: whatever shapes, types and attributes are, the outcome is the reference's value or an `ApusError`.
/// `APUS_FUZZ` sets the number of calls; the call that runs is written to the file that `APUS_FUZZ_LOG` names, so that
/// a crash tells what it was.
@Suite struct FuzzTests {
    @Test func noCallTrapsAndAllAgreeWithTheReference() throws {
        let environment = ProcessInfo.processInfo.environment
        let calls = environment["APUS_FUZZ"].flatMap { Int($0) } ?? 2000
        let first = environment["APUS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0
        let log = environment["APUS_FUZZ_LOG"].flatMap { path -> FileHandle? in
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            return FileHandle(forWritingAtPath: path)
        }
        let names = fuzzCalls.keys.sorted()
        var (values, failures) = (0, 0)
        for call in 0..<UInt64(calls) {
            let seed = first &+ call
            var random = TestRandom(seed)
            let name = names[random.integer(0...names.count - 1)]
            if let log {
                try log.seek(toOffset: 0)
                try log.write(contentsOf: Data("\(seed) \(name)          \n".utf8))
            }
            guard let tensor = fuzzCalls[name]?(&random) else { continue }
            if tensor.error != nil {
                failures += 1
                continue
            }
            guard tensor.shape.count <= 100_000 else { continue }
            do {
                let expected = try ReferenceExecutor.evaluate(tensor)
                let result: [Double] = try tensor.cast(to: .float64).array()
                values += 1
                if let problem = difference(result, expected.values, tensor.dtype) {
                    Issue.record("seed \(seed), \(name), \(tensor.shape) of \(tensor.dtype): \(problem)")
                }
            } catch {
                failures += 1
            }
        }
        // Most calls must mean something, and some must not.
        #expect(values > calls / 5 && failures > calls / 50, "\(values) values, \(failures) errors")
    }

    private func difference(_ values: [Double], _ wanted: [Double], _ dtype: DType) -> String? {
        guard values.count == wanted.count else { return "\(values.count) elements, expected \(wanted.count)" }
        let scale = wanted.filter(\.isFinite).reduce(1) { Swift.max($0, Swift.abs($1)) }
        // Types of 16 bits round each step to 8 or 11 bits.
        let tolerance = dtype == .float64 ? 1e-9 : dtype.size == 2 ? 5e-2 : 1e-4
        for (index, (value, target)) in zip(values, wanted).enumerated() {
            if value == target || value.isNaN && target.isNaN { continue }
            if Swift.abs(value - target) <= tolerance * scale { continue }
            // Bytes wrap around; definitions are in float64.
            if dtype == .uint8, (value - target).truncatingRemainder(dividingBy: 256) == 0 { continue }
            return "element \(index) is \(value), by definition \(target)"
        }
        return nil
    }
}

typealias FuzzCall = (inout TestRandom) -> Tensor

extension TestRandom {
    mutating func wildShape(_ ranks: ClosedRange<Int> = 0...5) -> Shape {
        let rank = integer(ranks)
        let largest = rank > 3 ? 3 : 7
        return Shape((0..<rank).map { _ in integer(0...9) == 0 ? 0 : integer(1...largest) })
    }

    mutating func wildType() -> DType {
        integer(0...2) > 0 ? [.float32, .float64][integer(0...1)] : DType.allCases[integer(0...7)]
    }

    /// Small whole numbers and fractions, exact in every type that takes them.
    mutating func wild(_ ranks: ClosedRange<Int> = 0...5, _ given: DType? = nil) -> Tensor {
        wild(wildShape(ranks), given ?? wildType())
    }

    mutating func wild(_ shape: Shape, _ dtype: DType) -> Tensor {
        let values = (0..<shape.count).map { _ -> Double in
            if dtype == .bool { return Double(integer(0...1)) }
            if !dtype.isFloatingPoint { return Double(integer(dtype == .uint8 ? 0...9 : -9...9)) }
            return Double(integer(-32...32)) / 8
        }
        let tensor = Tensor(values, shape: shape).cast(to: dtype)
        return (try? tensor.evaluated()) ?? tensor
    }

    /// Attributes: mostly small, sometimes negative, 0 or extreme.
    mutating func wildInteger() -> Int {
        switch integer(0...19) {
        case 0: .max
        case 1: .min
        case 2: 1 << 50
        default: integer(-3...6)
        }
    }

    mutating func wildIntegers(_ count: Int) -> [Int] { (0..<count).map { _ in wildInteger() } }

    mutating func wildNumber() -> Double {
        [0, 1, -1, 0.5, 2, .nan, .infinity, -.infinity, 1e300, -3.25][integer(0...9)]
    }
    mutating func flag() -> Bool { integer(0...1) == 1 }

    mutating func wildAxes() -> [Int]? { flag() ? nil : wildIntegers(integer(0...3)) }

    /// A second tensor that mostly fits the first.
    mutating func partner(_ x: Tensor) -> Tensor {
        if integer(0...7) == 0 { return wild() }
        let kept = Array(x.shape.extents.dropFirst(integer(0...3) == 0 ? integer(0...x.rank) : 0))
        return wild(Shape(kept.map { integer(0...3) == 0 ? 1 : $0 }), x.dtype)
    }

    mutating func wildIndices(_ ranks: ClosedRange<Int> = 0...2) -> Tensor {
        let shape = wildShape(ranks)
        let limit = integer(0...4)
        return Tensor((0..<shape.count).map { _ in Int64(integer(-1...limit)) }, shape: shape)
    }

    mutating func wildIndex() -> any TensorIndexing {
        switch integer(0...8) {
        case 0: return wildInteger()
        case 1: return 0..<integer(0...4)
        case 2: return wildInteger()...
        case 3: return ..<integer(-2...3)
        case 4:
            let (start, end, step) = (wildInteger(), wildInteger(), wildInteger())
            let isOpen = flag()
            return TensorIndex.strided(from: isOpen ? nil : start, to: isOpen ? nil : end, by: step)
        case 5: return TensorIndex.newAxis
        case 6: return TensorIndex.ellipsis
        case 7: return wildIndices()
        default: return TensorIndex.all
        }
    }
}

nonisolated(unsafe) let fuzzCalls: [String: FuzzCall] = {
    var table: [String: FuzzCall] = [:]
    // Shifts by more than the width are not defined, and powers and quotients of integers round in other places.
    let inexact: Set<ElementwiseFunction> = [
        .shiftLeft, .shiftRight, .power, .divide, .floorDivide, .remainder, .floor, .ceil, .round, .truncate,
    ]
    for function in ElementwiseFunction.allCases where !inexact.contains(function) {
        table["element \(function)"] = { random in
            let x = random.wild()
            let others = (1..<Swift.max(function.rule.arity, 1)).map { _ in random.partner(x) }
            return Tensor.apply(function, [x] + others)
        }
    }
    table["sum"] = {
        let x = $0.wild(); return x.sum(axes: $0.wildAxes(), keepDimensions: $0.flag())
    }
    table["product"] = {
        let x = $0.wild(0...3); return x.product(axes: $0.wildAxes())
    }
    table["mean"] = {
        let x = $0.wild(); return x.mean(axes: $0.wildAxes(), keepDimensions: $0.flag())
    }
    table["max"] = {
        let x = $0.wild(); return x.max(axes: $0.wildAxes(), keepDimensions: $0.flag())
    }
    table["min"] = {
        let x = $0.wild(); return x.min(axes: $0.wildAxes())
    }
    table["variance"] = {
        let x = $0.wild(); return x.variance(axes: $0.wildAxes(), correction: $0.integer(0...1))
    }
    table["logSumExp"] = {
        let x = $0.wild(); return x.logSumExp(axes: $0.wildAxes())
    }
    table["any"] = {
        let x = $0.wild(); return x.any(axes: $0.wildAxes())
    }
    table["softmax"] = {
        let x = $0.wild(); return x.softmax(axis: $0.wildInteger())
    }
    table["argmax"] = {
        let x = $0.wild(); return x.argmax(axis: $0.wildInteger())
    }
    table["argsort"] = {
        let x = $0.wild(); return x.argsort(axis: $0.wildInteger(), descending: $0.flag())
    }
    table["sorted"] = {
        let x = $0.wild(); return x.sorted(axis: $0.wildInteger())
    }
    table["topK"] = {
        let x = $0.wild(); return x.topK($0.wildInteger(), axis: $0.wildInteger()).values
    }
    table["median"] = {
        let x = $0.wild(); return x.median(axis: $0.wildInteger())
    }
    table["quantile"] = {
        let x = $0.wild(); return x.quantile($0.wildNumber(), axis: $0.wildInteger())
    }
    table["mode"] = {
        let x = $0.wild(); return x.mode(axis: $0.wildInteger())
    }
    table["cumulativeSum"] = {
        let x = $0.wild()
        return x.cumulativeSum(axis: $0.wildInteger(), reverse: $0.flag(), exclusive: $0.flag())
    }
    table["cumulativeMax"] = {
        let x = $0.wild(); return x.cumulativeMax(axis: $0.wildInteger(), reverse: $0.flag())
    }
    table["differences"] = {
        let x = $0.wild(); return x.differences(times: $0.wildInteger(), axis: $0.wildInteger())
    }
    table["reshaped"] = {
        let x = $0.wild(); return x.reshaped(to: Shape($0.wildIntegers($0.integer(0...4))))
    }
    table["squeezed"] = {
        let x = $0.wild(); return x.squeezed($0.wildInteger())
    }
    table["expanded"] = {
        let x = $0.wild(); return x.expanded(at: $0.wildInteger())
    }
    table["flattened"] = {
        let x = $0.wild(); return x.flattened(from: $0.wildInteger())
    }
    table["permuted"] = {
        let x = $0.wild(); return x.permuted($0.wildIntegers($0.integer(0...4)))
    }
    table["movingAxis"] = {
        let x = $0.wild(); return x.movingAxis($0.wildInteger(), to: $0.wildInteger())
    }
    table["swappingAxes"] = {
        let x = $0.wild(); return x.swappingAxes($0.wildInteger(), $0.wildInteger())
    }
    table["rotated90"] = {
        let x = $0.wild(); return x.rotated90(times: $0.wildInteger())
    }
    table["reversed"] = {
        let x = $0.wild(); return x.reversed(axes: $0.wildAxes() ?? [])
    }
    table["rolled"] = {
        let x = $0.wild(); return x.rolled($0.wildInteger(), axis: $0.wildInteger())
    }
    table["broadcast"] = {
        let x = $0.wild(0...2); return x.broadcast(to: Shape($0.wildIntegers($0.integer(0...3))))
    }
    table["tiled"] = {
        let x = $0.wild(0...2); return x.tiled($0.wildIntegers(x.rank))
    }
    table["repeated"] = {
        let x = $0.wild(0...3); return x.repeated($0.wildInteger(), axis: $0.wildInteger())
    }
    table["slice"] = {
        let x = $0.wild()
        return x.slice(axis: $0.wildInteger(), from: $0.wildInteger(), count: $0.wildInteger(), step: $0.wildInteger())
    }
    table["subscript"] = { random in
        let x = random.wild()
        switch random.integer(0...3) {
        case 0: return x[random.wildIndex()]
        case 1: return x[random.wildIndex(), random.wildIndex()]
        default: return x[random.wildIndex(), random.wildIndex(), random.wildIndex()]
        }
    }
    table["updating"] = { random in
        let x = random.wild(1...3)
        let rule = ScatterRule.allCases[random.integer(0...4)]
        return x.updating(random.wildIndex(), random.wildIndex(), with: random.wild(0...1, x.dtype), by: rule)
    }
    table["padded"] = { random in
        let x = random.wild(0...3)
        let widths = (0..<x.rank).map { _ in (before: random.wildInteger(), after: random.wildInteger()) }
        return random.flag() ? x.padded(widths) : x.padded(widths, mode: PaddingMode.allCases[random.integer(0...2)])
    }
    table["windows"] = {
        let x = $0.wild()
        return x.windows(axis: $0.wildInteger(), size: $0.wildInteger(), step: $0.wildInteger())
    }
    table["strided"] = {
        let x = $0.wild()
        let rank = $0.integer(0...3)
        return x.strided(shape: Shape($0.wildIntegers(rank)), strides: $0.wildIntegers(rank), offset: $0.wildInteger())
    }
    table["unflattened"] = {
        let x = $0.wild(); return x.unflattened(axis: $0.wildInteger(), to: $0.wildIntegers(2))
    }
    table["concatenate"] = {
        let x = $0.wild(); return Tensor.concatenate([x, $0.partner(x)], axis: $0.wildInteger())
    }
    table["stack"] = {
        let x = $0.wild(); return Tensor.stack([x, $0.partner(x)], axis: $0.wildInteger())
    }
    table["split"] = {
        let x = $0.wild(); return x.split($0.integer(-1...5), axis: $0.wildInteger())[0]
    }
    table["diagonal"] = {
        let x = $0.wild(); return x.diagonal(offset: $0.wildInteger())
    }
    table["lowerTriangle"] = {
        let x = $0.wild(); return x.lowerTriangle(diagonal: $0.wildInteger())
    }
    table["gather"] = {
        let x = $0.wild(); return x.gather(indices: $0.wildIndices(), axis: $0.wildInteger())
    }
    table["gatherND"] = {
        let x = $0.wild(); return x.gatherND($0.wildIndices(0...3))
    }
    table["takeAlong"] = {
        let x = $0.wild(0...3)
        return x.takeAlong(indices: $0.wildIndices(0...3), axis: $0.wildInteger())
    }
    table["scatterAdd"] = {
        let x = $0.wild(0...3)
        return x.scatterAdd(indices: $0.wildIndices(), axis: $0.wildInteger(), extent: $0.wildInteger())
    }
    table["scattered"] = {
        let (x, positions) = ($0.wild(1...3), $0.wildIndices(1...1))
        let values = $0.wild(Shape([positions.shape[0]] + x.shape.extents.dropFirst()), x.dtype)
        return x.scattered(values, at: positions, by: ScatterRule.allCases[$0.integer(0...4)])
    }
    table["segmentMax"] = {
        let x = $0.wild(1...3)
        let numbers = Tensor((0..<x.shape[0]).map { Int64($0 % 3) }, shape: [x.shape[0]])
        return x.segmentMax(numbers, count: $0.wildInteger())
    }
    table["oneHot"] = { oneHot($0.wildIndices(), depth: $0.wildInteger()) }
    table["matmul"] = { random in
        let x = random.wild(1...4, random.flag() ? .float32 : .float64)
        let tail = [x.shape[-1]] + (random.flag() ? [random.integer(0...6)] : [])
        return matmul(x, random.wild(Shape(tail), x.dtype))
    }
    table["tensordot"] = {
        let x = $0.wild(0...3); return tensordot(x, $0.partner(x), axes: $0.wildInteger())
    }
    table["inner"] = {
        let x = $0.wild(0...3); return inner(x, $0.partner(x))
    }
    table["correlate"] = {
        let x = $0.wild(1...1)
        return correlate(x, $0.partner(x), mode: CorrelationMode.allCases[$0.integer(0...2)])
    }
    table["histogram"] = {
        let x = $0.wild(0...3); return x.histogram(bins: $0.integer(-2...9)).counts
    }
    table["cast"] = {
        let x = $0.wild(); return x.cast(to: DType.allCases[$0.integer(0...7)])
    }
    table["convolution"] = { random in
        let x = random.wild(2...5, random.flag() ? .float32 : .float64)
        let spatial = x.shape.spatial.map { _ in random.integer(0...3) }
        let kernel = random.wild(Shape(spatial + [x.shape[-1], random.integer(1...3)]), x.dtype)
        return convolution(
            x, kernel, strides: PerAxis(random.wildInteger()), padding: random.flag() ? .same : .valid,
            dilation: PerAxis(random.wildInteger()), groups: random.flag() ? 1 : random.wildInteger())
    }
    table["maxPool"] = { random in
        let x = random.wild(2...5, random.flag() ? .float32 : .float64)
        return maxPool(
            x, window: PerAxis(random.wildInteger()), strides: PerAxis(random.wildInteger()),
            padding: random.flag() ? .same : .explicit(random.wildInteger()), roundsUp: random.flag())
    }
    table["averagePool"] = { random in
        let x = random.wild(2...5, random.flag() ? .float32 : .float64)
        return averagePool(
            x, window: PerAxis(random.wildInteger()), strides: PerAxis(random.wildInteger()),
            padding: random.flag() ? .same : .valid, roundsUp: random.flag())
    }
    table["patches"] = {
        let x = $0.wild(2...5)
        return x.patches(window: PerAxis($0.wildInteger()), strides: PerAxis($0.wildInteger()))
    }
    return table
}()
