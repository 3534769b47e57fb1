import ApusCore

/// A tensor to come: it has a shape and a type but no values, and stands for an input of a ``Model`` or for what layers
/// make of it.
///
/// Layers are called on it as on a ``Tensor``, and so are operators:
///
///     let x = Input(shape: [28, 28, 1])
///     let a = Conv2D(16, kernel: 3, padding: .same)(x)
///     let b = Conv2D(16, kernel: 5, padding: .same)(x)
///     let y = Dense(10)(Flatten()(a + b))
///     let model = Model(inputs: x, outputs: y)
///
/// Shapes are checked at once; a mistake is carried to the model. Parameters get values when the model is built.
public struct SymbolicTensor {
    let node: SymbolicNode
    /// The name in the model's list of inputs or outputs.
    public let name: String?

    init(_ node: SymbolicNode, name: String? = nil) {
        self.node = node
        self.name = name
    }

    /// An input of the model.
    ///
    /// - Parameters:
    ///   - shape: the extents without the batch, such as `[28, 28, 1]`
    ///   - name: a name by which the model can be fed
    public init(shape: Shape, dtype: DType = .float32, name: String? = nil) {
        let full = Shape([1] + shape.extents)
        var sketch = Tensor.placeholder(full, dtype)
        do throws(ApusError) {
            _ = try full.checkedCount(in: "Input")
        } catch {
            sketch = Tensor(error: error)
        }
        self.init(SymbolicNode(step: nil, inputs: [], sketch: sketch), name: name)
    }

    /// What a computation makes of symbolic tensors, as one step of the model.
    ///
    ///     let total = SymbolicTensor.apply("total", [a, b]) { $0[0] + $0[1].sum(axes: [1], keepDimensions: true) }
    ///
    /// - Parameters:
    ///   - name: for listings
    ///   - body: gets tensors of the symbolic tensors' shapes, with whatever batch
    public static func apply(
        _ name: String, _ inputs: [SymbolicTensor], _ body: @escaping ([Tensor]) -> Tensor
    ) -> SymbolicTensor {
        apply(FunctionLayer(name, body), inputs) { function, tensors in function.body(tensors) }
    }

    /// What a module makes of symbolic tensors: for modules that are called with several tensors.
    ///
    ///     SymbolicTensor.apply(attention, [text, image]) { attention, x in attention(x[0], key: x[1]) }
    public static func apply<M: Module>(
        _ module: M, _ inputs: [SymbolicTensor], _ call: @escaping (M, [Tensor]) -> Tensor
    ) -> SymbolicTensor {
        apply(module, inputs, outputs: 1) { [call($0, $1)] }[0]
    }

    /// The same for modules with several results.
    static func apply<M: Module>(
        _ module: M, _ inputs: [SymbolicTensor], outputs count: Int, _ call: @escaping (M, [Tensor]) -> [Tensor]
    ) -> [SymbolicTensor] {
        let step = SymbolicStep(module: module, inputs: inputs.map(\.node)) { module, tensors in
            guard let module = module as? M else {
                let error = ApusError(
                    .type, in: "model", "a \(type(of: module)) stands in the place of a \(M.self)",
                    remedy: "replace a layer that is called with several tensors by one of its kind")
                return [Tensor](repeating: Tensor(error: error), count: count)
            }
            return call(module, tensors)
        }
        let sketches = ForwardPass(mode: .inference, isSketch: true).run {
            step.call(step.module, inputs.map(\.node.sketch))
        }
        return (0..<count).map { index in
            let sketch = sketches.indices.contains(index) ? sketches[index] : sketches.first ?? Tensor.zeros([0])
            return SymbolicTensor(SymbolicNode(step: step, output: index, inputs: inputs.map(\.node), sketch: sketch))
        }
    }

    /// The extents for one sample, without the batch.
    public var shape: Shape { Shape(Array(node.sketch.shape.extents.dropFirst())) }
    /// The type of its elements.
    public var dtype: DType { node.sketch.dtype }
    /// The first mistake on the way to this tensor.
    public var error: ApusError? { node.sketch.error }

    /// The same tensor under a name, by which the model's outputs are told apart.
    public func named(_ name: String) -> SymbolicTensor { SymbolicTensor(node, name: name) }

    /// What a function makes of this tensor: `x.map("square") { $0 * $0 }`.
    public func map(_ name: String = "function", _ body: @escaping (Tensor) -> Tensor) -> SymbolicTensor {
        SymbolicTensor.apply(name, [self]) { body($0[0]) }
    }
}

/// An input of a functional model; see ``SymbolicTensor``.
public typealias Input = SymbolicTensor

/// A place in the graph of a functional model.
final class SymbolicNode {
    /// What computes it; `nil` for an input.
    let step: SymbolicStep?
    let output: Int
    let inputs: [SymbolicNode]
    /// A tensor of its shape and type with a batch of one, without a value.
    let sketch: Tensor

    init(step: SymbolicStep?, output: Int = 0, inputs: [SymbolicNode], sketch: Tensor) {
        self.step = step
        self.output = output
        self.inputs = inputs
        self.sketch = sketch
    }
}

/// One call of a module in a functional model.
final class SymbolicStep {
    let module: any Module
    let inputs: [SymbolicNode]
    let call: (any Module, [Tensor]) -> [Tensor]

    init(module: any Module, inputs: [SymbolicNode], call: @escaping (any Module, [Tensor]) -> [Tensor]) {
        self.module = module
        self.inputs = inputs
        self.call = call
    }
}

/// A function as a step of a functional model.
final class FunctionLayer: Module {
    let name: String
    let body: ([Tensor]) -> Tensor

    init(_ name: String, _ body: @escaping ([Tensor]) -> Tensor) {
        self.name = name
        self.body = body
    }

    var children: [(name: String, child: ModuleChild)] { [] }
    var details: String { name }
    func callAsFunction(_ x: Tensor) -> Tensor { body([x]) }
}

extension Module {
    /// This module as the next step of a functional model.
    public func callAsFunction(_ x: SymbolicTensor) -> SymbolicTensor {
        SymbolicTensor.apply(self, [x]) { $0($1[0]) }
    }
}

extension ActivationFunction {
    /// This function as the next step of a functional model.
    public func callAsFunction(_ x: SymbolicTensor) -> SymbolicTensor { x.map(name) { self($0) } }
}

/// Operators join symbolic tensors element by element, as they do tensors.
extension SymbolicTensor {
    public static func + (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
        apply("add", [a, b]) { $0[0] + $0[1] }
    }
    public static func - (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
        apply("subtract", [a, b]) { $0[0] - $0[1] }
    }
    public static func * (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
        apply("multiply", [a, b]) { $0[0] * $0[1] }
    }
    public static func / (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
        apply("divide", [a, b]) { $0[0] / $0[1] }
    }
    public static func + (a: SymbolicTensor, b: Double) -> SymbolicTensor { a.map("add") { $0 + b } }
    public static func - (a: SymbolicTensor, b: Double) -> SymbolicTensor { a.map("subtract") { $0 - b } }
    public static func * (a: SymbolicTensor, b: Double) -> SymbolicTensor { a.map("multiply") { $0 * b } }
    public static func / (a: SymbolicTensor, b: Double) -> SymbolicTensor { a.map("divide") { $0 / b } }
    public static func + (a: Double, b: SymbolicTensor) -> SymbolicTensor { b.map("add") { a + $0 } }
    public static func - (a: Double, b: SymbolicTensor) -> SymbolicTensor { b.map("subtract") { a - $0 } }
    public static func * (a: Double, b: SymbolicTensor) -> SymbolicTensor { b.map("multiply") { a * $0 } }
    public static func / (a: Double, b: SymbolicTensor) -> SymbolicTensor { b.map("divide") { a / $0 } }
    public static prefix func - (a: SymbolicTensor) -> SymbolicTensor { a.map("negate") { -$0 } }

    /// Tensors one behind the other along an axis, by default the last (channels). The batch is axis 0.
    public static func concatenate(_ tensors: [SymbolicTensor], axis: Int = -1) -> SymbolicTensor {
        apply("concatenate", tensors) { Tensor.concatenate($0, axis: axis) }
    }

    /// The larger of corresponding elements.
    public static func maximum(_ a: SymbolicTensor, _ b: SymbolicTensor) -> SymbolicTensor {
        apply("maximum", [a, b]) { Tensor.maximum($0[0], $0[1]) }
    }

    /// The smaller of corresponding elements.
    public static func minimum(_ a: SymbolicTensor, _ b: SymbolicTensor) -> SymbolicTensor {
        apply("minimum", [a, b]) { Tensor.minimum($0[0], $0[1]) }
    }

    /// The products of matrices, one for each sample.
    public static func matmul(_ a: SymbolicTensor, _ b: SymbolicTensor) -> SymbolicTensor {
        apply("matmul", [a, b]) { ApusCore.matmul($0[0], $0[1]) }
    }

    /// The elements of each sample under another shape, given without the batch; one extent may be -1.
    public func reshaped(to shape: Shape) -> SymbolicTensor {
        map("reshape") { $0.reshaped(to: Shape([$0.shape[0]] + shape.extents)) }
    }

    /// The mean over axes; the batch is axis 0.
    public func mean(axes: [Int], keepDimensions: Bool = false) -> SymbolicTensor {
        map("mean") { $0.mean(axes: axes, keepDimensions: keepDimensions) }
    }

    /// The sum over axes; the batch is axis 0.
    public func sum(axes: [Int], keepDimensions: Bool = false) -> SymbolicTensor {
        map("sum") { $0.sum(axes: axes, keepDimensions: keepDimensions) }
    }
}

/// `max(x, 0)`, element by element.
public func relu(_ x: SymbolicTensor) -> SymbolicTensor { ActivationFunction.relu(x) }
/// The hyperbolic tangent, element by element.
public func tanh(_ x: SymbolicTensor) -> SymbolicTensor { ActivationFunction.tanh(x) }
/// `1 / (1 + exp(-x))`, element by element.
public func sigmoid(_ x: SymbolicTensor) -> SymbolicTensor { ActivationFunction.sigmoid(x) }
