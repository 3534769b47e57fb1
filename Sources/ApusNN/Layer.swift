import ApusCore

/// A module whose computation may throw: the tensor that a call returns carries the error to where it is read.
///
/// Its calls are observed: messages name it by its path in the model, listings show it, and ``Module/capture(_:_:)``
/// sees its output wherever it stands. A plain ``Module`` defines `callAsFunction` itself; the layers that it holds are
/// observed, it alone is not unless a container calls it or it uses ``Module/observed(_:)``.
///
///     final class Difference: Layer {
///         func forward(_ x: Tensor) throws(ApusError) -> Tensor {
///             guard x.rank == 2 else {
///                 throw ApusError(.shape, in: "layer Difference", "shape \(x.shape)", remedy: "feed [batch, features]")
///             }
///             return x.slice(axis: 1, 1..<x.shape[1]) - x.slice(axis: 1, 0..<x.shape[1] - 1)
///         }
///     }
public protocol Layer: Module {
    /// The output for an input that carries no error.
    func forward(_ x: Tensor) throws(ApusError) -> Tensor
}

extension Layer {
    /// The output for an input; a tensor with an error where the input has one or the computation throws.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard x.error == nil else { return x }
        return observed { () throws(ApusError) in try forward(x) }
    }
}

extension Module {
    /// How messages name it, such as `layer Conv2D`.
    package var place: String { "layer \(type(of: self))" }

    /// A mistake in how the layer was made or in what it was fed.
    package func mistake(_ kind: ApusError.Kind, _ problem: String, remedy: String) -> ApusError {
        ApusError(kind, in: place, problem, remedy: remedy)
    }

    /// Refuses inputs of another number of axes.
    ///
    /// - Parameter form: what to feed, such as `[batch, time, channels]`
    package func require(_ x: Tensor, rank: ClosedRange<Int>, _ form: String) throws(ApusError) {
        guard rank.contains(x.rank) else {
            throw mistake(.shape, "an input of shape \(x.shape)", remedy: "feed \(form)")
        }
    }

    package func require(_ x: Tensor, rank: Int, _ form: String) throws(ApusError) {
        try require(x, rank: rank...rank, form)
    }

    /// Refuses attributes outside their range.
    package func require(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws(ApusError) {
        guard range.contains(value) else {
            throw mistake(
                .value, "\(name) is \(value)", remedy: "use a number in \(range.lowerBound)...\(range.upperBound)")
        }
    }

    /// Refuses rates that are no probabilities.
    package func require(rate: Double) throws(ApusError) {
        guard rate >= 0, rate < 1 else {
            throw mistake(.value, "the rate is \(rate)", remedy: "use a probability from 0 to below 1")
        }
    }

    /// The pass that the layer is part of, if it trains.
    package var trainingPass: ForwardPass? {
        guard let pass = ForwardPass.current, pass.mode == .training else { return nil }
        return pass
    }
}

extension ForwardPass {
    /// Random numbers for one use in one layer. 16-bit types get them from float32.
    package func random(_ kind: RandomNumbers.Kind, _ shape: Shape, _ dtype: DType) -> Tensor {
        Tensor.random(
            kind, key: randomKey, stream: nextRandomStream(), shape: shape, dtype: dtype == .float64 ? dtype : .float32)
    }

    /// Ones, and zeros with probability `rate`.
    package func mask(rate: Double, _ shape: Shape, _ dtype: DType) -> Tensor {
        (random(.uniform, shape, dtype) .>= rate).cast(to: dtype)
    }
}
