import ApusCore

// Layers that are called with several tensors, as steps of a functional model.

extension Attention {
    /// This layer as the next step of a functional model.
    public func callAsFunction(
        _ query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil
    ) -> SymbolicTensor {
        SymbolicTensor.apply(self, [query, value] + [key].compactMap { $0 }) {
            $0($1[0], value: $1[1], key: $1.count > 2 ? $1[2] : nil)
        }
    }
}

extension AdditiveAttention {
    /// This layer as the next step of a functional model.
    public func callAsFunction(
        _ query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil
    ) -> SymbolicTensor {
        SymbolicTensor.apply(self, [query, value] + [key].compactMap { $0 }) {
            $0($1[0], value: $1[1], key: $1.count > 2 ? $1[2] : nil)
        }
    }
}

extension BahdanauAttention {
    /// This layer as the next step of a functional model.
    public func callAsFunction(_ state: SymbolicTensor, memory: SymbolicTensor) -> SymbolicTensor {
        SymbolicTensor.apply(self, [state, memory]) { $0($1[0], memory: $1[1]) }
    }
}

extension MultiHeadAttention {
    /// This layer as the next step of a functional model; the value is by default the key.
    public func callAsFunction(
        _ query: SymbolicTensor, key: SymbolicTensor, value: SymbolicTensor? = nil
    ) -> SymbolicTensor {
        SymbolicTensor.apply(self, [query, key] + [value].compactMap { $0 }) {
            $0($1[0], key: $1[1], value: $1.count > 2 ? $1[2] : nil)
        }
    }
}

extension TransformerDecoderLayer {
    /// This layer as the next step of a functional model.
    public func callAsFunction(_ x: SymbolicTensor, memory: SymbolicTensor) -> SymbolicTensor {
        SymbolicTensor.apply(self, [x, memory]) { $0($1[0], memory: $1[1]) }
    }
}

extension TransformerDecoder {
    /// These layers as the next step of a functional model.
    public func callAsFunction(_ x: SymbolicTensor, memory: SymbolicTensor) -> SymbolicTensor {
        SymbolicTensor.apply(self, [x, memory]) { $0($1[0], memory: $1[1]) }
    }
}

extension Transformer {
    /// This network as the next step of a functional model.
    public func callAsFunction(_ source: SymbolicTensor, target: SymbolicTensor) -> SymbolicTensor {
        SymbolicTensor.apply(self, [source, target]) { $0($1[0], target: $1[1]) }
    }
}
