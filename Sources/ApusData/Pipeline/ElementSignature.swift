import ApusCore

/// What the elements of a generator must look like, part by part.
///
///     let signature = ElementSignature([.init("input", shape: [28, 28, 1], .float32), .init("target", shape: [], .int32)])
public struct ElementSignature: Sendable, CustomStringConvertible {
    /// One part of an element.
    public struct Field: Sendable, CustomStringConvertible {
        /// What it is called.
        public let name: String
        /// The extents; nil where any will do.
        public let extents: [Int?]
        /// The type of its elements.
        public let dtype: DType

        /// - Parameter shape: the extents; `nil` where they differ
        public init(_ name: String, shape: [Int?], _ dtype: DType = .float32) {
            self.name = name
            extents = shape
            self.dtype = dtype
        }

        public var description: String {
            "\(name) [\(extents.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))] \(dtype)"
        }
    }

    /// In the order in which elements have them.
    public let fields: [Field]

    /// A signature of so many fields.
    public init(_ fields: [Field]) { self.fields = fields }

    public var description: String { fields.map(\.description).joined(separator: ", ") }

    /// Compares an element, and names its number and both sides where it differs.
    func check(_ element: Any, index: Int, of stage: PipelineStage) throws(ApusError) {
        var tensors: [(name: String, value: Tensor)] = []
        if let tensor = element as? Tensor {
            tensors = [("", tensor)]
        } else {
            for child in Mirror(reflecting: element).children {
                if let tensor = child.value as? Tensor { tensors.append((child.label ?? "", tensor)) }
            }
        }
        for (_, tensor) in tensors { if let error = tensor.error { throw error } }
        let fits =
            tensors.count == fields.count
            && Swift.zip(tensors, fields).allSatisfy { tensor, field in
                tensor.value.dtype == field.dtype && tensor.value.rank == field.extents.count
                    && Swift.zip(tensor.value.shape.extents, field.extents).allSatisfy { $1 == nil || $0 == $1 }
            }
        guard fits else {
            let found = tensors.map { ($0.name.isEmpty ? "" : "\($0.name) ") + "\($0.value.shape) \($0.value.dtype)" }
            throw ApusError(
                .data, in: "element \(index) of \(stage.label)",
                "it is \(found.isEmpty ? "no tensor" : found.joined(separator: ", ")), declared is \(self)",
                remedy: "mend the generator, or its declaration")
        }
    }
}
