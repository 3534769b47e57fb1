import ApusCore

/// A step of the long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate by Gers et al., 2000).
///
/// With the drive `x · kernel + bias + h · recurrentKernel + recurrentBias`, split into the blocks `i, f, g, o` (input
/// gate, forget gate, candidate, output gate):
///
///     c' = sigmoid(f) c + sigmoid(i) tanh(g)
///     h' = sigmoid(o) tanh(c')
///
/// States: `h [batch, units]`, `c [batch, units]`. Parameters: `kernel [inputs, 4 units]`, `recurrentKernel [units, 4
/// units]`, `bias [4 units]`; if asked for `recurrentBias [4 units]`, `peephole [3, units]` (for i, f, o),
/// `projection [units, projection]`.
public final class LSTMCell: GatedCell, RecurrentCell {
    /// The function of the candidate.
    public let activation: ActivationFunction
    /// The function of the gates.
    public let recurrentActivation: ActivationFunction
    /// The function of the cell state on its way out.
    public let outputActivation: ActivationFunction
    /// Weights by which the gates see the cell state (Gers and Schmidhuber, 2000).
    public let peephole: Parameter?
    /// A product that makes the output narrower (Sak et al., 2014).
    public let projection: Parameter?
    private let projectedSize: Int?
    /// With what the forget gate's bias begins.
    public let forgetBias: Double

    /// - Parameters:
    ///   - outputActivation: `.linear` for the variant without a function of the cell state
    ///   - forgetBias: with what the forget gate's bias begins: more for a longer memory, about the logarithm of the steps
    ///     (Jozefowicz et al., ICML 2015; Tallec and Ollivier, ICLR 2018)
    ///   - peepholes: whether gates see the cell state: i and f the old one, o the new one
    ///   - projection: the width of the output and of what is fed back; by default `units`
    ///   - recurrentDropout: the share of `h` that is dropped before its product while training
    public init(
        _ units: Int, activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        outputActivation: ActivationFunction = .tanh, biases: RecurrentBiases = .one, forgetBias: Double = 1,
        peepholes: Bool = false, projection: Int? = nil, recurrentDropout: Double = 0,
        initializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal()
    ) {
        self.activation = activation
        self.recurrentActivation = recurrentActivation
        self.outputActivation = outputActivation
        peephole = peepholes ? Parameter(.zeros) : nil
        self.projection = projection == nil ? nil : Parameter(initializer)
        projectedSize = projection
        self.forgetBias = forgetBias
        super.init(
            units, biases: biases, recurrentDropout: recurrentDropout, initializer: initializer,
            recurrentInitializer: recurrentInitializer,
            biasInitializer: Self.forgetting(units, forgetBias))
    }

    /// Zeros, and a number for the forget gate.
    static func forgetting(_ units: Int, _ bias: Double) -> Initializer {
        Initializer("forgetBias(\(bias))") { request in
            let position = Tensor.range(count: request.shape.count, dtype: request.dtype)
            let isForget = (position .>= Double(units)) & (position .< 2 * Double(units))
            return isForget.cast(to: request.dtype) * bias
        }
    }

    public var stateCount: Int { 2 }
    override var gates: Int { 4 }
    override var width: Int { projectedSize ?? units }

    public var details: String {
        var text = "\(units) units"
        if peephole != nil { text += ", peepholes" }
        if let projectedSize { text += ", projected to \(projectedSize)" }
        return text
    }

    public func stateShapes(_ x: Shape) throws(ApusError) -> [Shape] {
        try checkAttributes()
        try require(width, in: 1...1 << 20, "the width of the projection")
        let batch = try batch(x)
        return [[batch, width], [batch, units]]
    }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        let all = try parts(projected, states)
        return [all[5].value, all[4].value]
    }

    /// The gates `input`, `forget` and `output`, the `candidate`, and the states after the step, `cell` and `hidden`.
    public func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)] {
        let (h, c) = (states[0], states[1])
        let drive = projected + recurrentDrive(h)
        if let error = drive.error { throw error }
        let weights = peephole?.value(shape: [3, units], dtype: h.dtype)
        func gate(_ block: Int, _ row: Int, _ cell: Tensor) -> Tensor {
            let own = self.gate(block, drive)
            guard let weights else { return recurrentActivation(own) }
            return recurrentActivation(own + cell * weights.slice(axis: 0, row..<row + 1))
        }
        let input = gate(0, 0, c)
        let forget = gate(1, 1, c)
        let candidate = activation(self.gate(2, drive))
        let cell = forget * c + input * candidate
        let output = gate(3, 2, cell)
        var hidden = output * outputActivation(cell)
        if let projection {
            hidden = matmul(
                hidden, projection.value(shape: [units, width], fanIn: units, fanOut: width, dtype: h.dtype))
        }
        return [
            ("input", input), ("forget", forget), ("candidate", candidate), ("output", output), ("cell", cell),
            ("hidden", hidden),
        ]
    }
}
