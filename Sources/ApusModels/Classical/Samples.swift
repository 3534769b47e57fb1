import ApusCore

/// The samples that a model learns from.
struct Samples {
    /// `[n, features]`, `float64`.
    let rows: Tensor
    let count: Int
    let features: Int

    init(_ x: Tensor, in place: String) throws(ApusError) {
        if let error = x.error { throw error }
        guard x.rank == 2, x.shape[0] > 0, x.shape[1] > 0 else {
            throw ApusError(
                .shape, in: place, "samples of shape \(x.shape)",
                remedy: "give [n, features] with at least one sample and feature")
        }
        rows = try x.cast(to: .float64).evaluated()
        guard try rows.isFinite().all().item() == 1 else {
            throw ApusError(
                .data, in: place, "samples with numbers that are not finite",
                remedy: "replace or leave out infinities and NaN")
        }
        (count, features) = (x.shape[0], x.shape[1])
    }

    /// The numbers, row after row.
    func values() throws(ApusError) -> [Double] { try rows.array() }

    /// Targets `[n]` as numbers.
    func targets(_ y: Tensor, in place: String) throws(ApusError) -> [Double] {
        if let error = y.error { throw error }
        guard y.shape == [count] else {
            throw ApusError(
                .shape, in: place, "targets of shape \(y.shape) for \(count) samples",
                remedy: "give a number for each sample: [\(count)]")
        }
        let values: [Double] = try y.cast(to: .float64).array()
        guard values.allSatisfy(\.isFinite) else {
            throw ApusError(
                .data, in: place, "targets that are not finite", remedy: "replace or leave out infinities and NaN")
        }
        return values
    }

    /// Labels `[n]` as numbers of classes.
    func labels(_ y: Tensor, in place: String, least: Int = 1) throws(ApusError) -> Labels {
        if let error = y.error { throw error }
        guard y.shape == [count], y.dtype.isInteger || y.dtype == .bool else {
            throw ApusError(
                .shape, in: place, "labels of shape \(y.shape) (\(y.dtype)) for \(count) samples",
                remedy: "give an integer for each sample: [\(count)]")
        }
        let labels = Labels(try y.cast(to: .int64).array())
        guard labels.classes.count >= least else {
            throw ApusError(
                .data, in: place, "\(labels.classes.count) class among the labels",
                remedy: "give samples of at least \(least) classes")
        }
        return labels
    }
}

/// The classes of labels, and the number of each sample's class.
struct Labels {
    let classes: [Int]
    let numbers: [Int]

    init(_ labels: [Int]) {
        let classes = Set(labels).sorted()
        let places = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
        self.classes = classes
        numbers = labels.map { places[$0] ?? 0 }
    }

    /// Ones where a sample is of a class: `[n, classes]`, `float64`.
    var oneHot: Tensor { ApusCore.oneHot(Tensor.positions(numbers), depth: classes.count, dtype: .float64) }

    /// How many samples each class has: `[classes]`, `float64`.
    var counts: Tensor { oneHot.sum(axes: [0]) }
}

/// A matrix of a fitted model as plain numbers, which can be saved.
struct Table: Sendable, Hashable, Codable {
    let rows: Int
    let columns: Int
    let values: [Double]

    init(_ tensor: Tensor) throws(ApusError) {
        values = try tensor.cast(to: .float64).array()
        columns = tensor.rank == 0 ? 1 : tensor.shape[-1]
        rows = columns == 0 ? 0 : values.count / columns
    }

    /// `[rows, columns]`, `float64`. What does not fit the shape, as in a damaged file, makes a tensor with an error.
    var tensor: Tensor { Tensor(values, shape: [rows, columns]) }
    /// All numbers as a vector.
    var vector: Tensor { Tensor(values, shape: [values.count]) }
}

/// What a model makes of samples `[n, features]`, computed in `float64`; in `float32` for samples of another type.
func prediction(
    _ x: Tensor, features: Int, in place: String, _ build: (Tensor) throws(ApusError) -> Tensor
) -> Tensor {
    Tensor.composed(of: [x]) { () throws(ApusError) in
        guard x.rank == 2, x.shape[1] == features else {
            throw ApusError(
                .shape, in: place, "samples of shape \(x.shape), fitted to \(features) features",
                remedy: "give [n, \(features)]")
        }
        let result = try build(x.cast(to: .float64))
        return result.dtype == .float64 && x.dtype != .float64 ? result.cast(to: .float32) : result
    }
}

/// Refuses attributes that are not above 0.
func requirePositive(_ value: Double, _ name: String, in place: String, orZero: Bool = false) throws(ApusError) {
    guard value.isFinite, value > 0 || orZero && value == 0 else {
        throw ApusError(
            .value, in: place, "\(name) is \(value)",
            remedy: orZero ? "use a finite number of 0 or more" : "use a finite number above 0")
    }
}

/// Refuses attributes outside a range.
func require(_ value: Int, in range: ClosedRange<Int>, _ name: String, in place: String) throws(ApusError) {
    guard range.contains(value) else {
        throw ApusError(
            .value, in: place, "\(name) is \(value)",
            remedy: "use a number in \(range.lowerBound)...\(range.upperBound)")
    }
}
