/// Bytes of a protocol buffer by field numbers, so that files are made without the definitions that they test.
struct Wire {
    private(set) var bytes: [UInt8] = []

    func number(_ field: Int, _ value: Int) -> Wire { key(field, 0).varint(UInt64(bitPattern: Int64(value))) }

    func float(_ field: Int, _ value: Float) -> Wire { key(field, 5).little(value.bitPattern) }

    func data(_ field: Int, _ content: [UInt8]) -> Wire {
        var result = key(field, 2).varint(UInt64(content.count))
        result.bytes += content
        return result
    }

    func text(_ field: Int, _ content: String) -> Wire { data(field, Array(content.utf8)) }

    func message(_ field: Int, _ content: Wire) -> Wire { data(field, content.bytes) }

    /// Numbers in one field.
    func packed(_ field: Int, _ values: [Int]) -> Wire {
        data(field, values.reduce(Wire()) { $0.varint(UInt64(bitPattern: Int64($1))) }.bytes)
    }

    func packed(_ field: Int, _ values: [Float]) -> Wire {
        data(field, values.reduce(Wire()) { $0.little($1.bitPattern) }.bytes)
    }

    func packed(_ field: Int, _ values: [Double]) -> Wire {
        data(field, values.reduce(Wire()) { $0.little($1.bitPattern) }.bytes)
    }

    private func key(_ field: Int, _ kind: Int) -> Wire { varint(UInt64(field << 3 | kind)) }

    private func varint(_ value: UInt64) -> Wire {
        var (result, rest) = (self, value)
        while rest > 0x7f {
            result.bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        result.bytes.append(UInt8(rest))
        return result
    }

    private func little<T: FixedWidthInteger>(_ value: T) -> Wire {
        var result = self
        withUnsafeBytes(of: value.littleEndian) { result.bytes += $0 }
        return result
    }
}

extension Wire {
    /// A `TensorProto` up to its values.
    static func tensor(_ name: String = "", type: Int, shape: [Int]) -> Wire {
        shape.reduce(Wire()) { $0.number(1, $1) }.number(2, type).text(8, name)
    }

    /// A `NodeProto` with attributes.
    static func node(
        _ operation: String, _ inputs: [String] = [], _ outputs: [String] = [], attributes: [Wire] = []
    ) -> Wire {
        let names = outputs.reduce(inputs.reduce(Wire()) { $0.text(1, $1) }) { $0.text(2, $1) }
        return attributes.reduce(names.text(4, operation)) { $0.message(5, $1) }
    }

    /// A `GraphProto` of nodes and initializers.
    static func graph(_ name: String, nodes: [Wire] = [], initializers: [Wire] = []) -> Wire {
        initializers.reduce(nodes.reduce(Wire()) { $0.message(1, $1) }.text(2, name)) { $0.message(5, $1) }
    }

    /// A `ModelProto` of IR version 8 and opset 17.
    static func model(_ graph: Wire) -> Wire {
        Wire().number(1, 8).message(8, Wire().text(1, "").number(2, 17)).message(7, graph)
    }
}
