// Writing safetensors files, byte for byte as the reference implementation does.

/// Writes safetensors files.
///
///     try Safetensors.write([("weight", weight), ("bias", bias)], metadata: ["epoch": "3"], to: "model.safetensors")
public enum Safetensors {
    /// What will be written of one array: its name, type and shape.
    public struct Declaration: Sendable, Equatable {
        /// The name in the file.
        public let name: String
        /// The type of the elements.
        public let elementType: ElementType
        /// The extents.
        public let shape: [Int]

        /// Describes an array whose bytes follow.
        public init(name: String, elementType: ElementType, shape: [Int]) {
            (self.name, self.elementType, self.shape) = (name, elementType, shape)
        }
    }

    /// Writes arrays and texts. The file appears under its name only when it is complete.
    public static func write(
        _ arrays: [(name: String, array: RawArray)], metadata: [String: String] = [:], to path: String
    ) throws(ApusError) {
        let layout = try layout(of: arrays, metadata: metadata, place: "safetensors file \(path)")
        var file = try AtomicFile(path: path)
        try file.write(layout.header)
        for index in layout.order { try file.write(arrays[index].array.bytes) }
        try file.commit()
    }

    /// Writes arrays that are not in memory as a whole: `body` is called for each declared array, in the order of the
    /// file, and writes its bytes in as many pieces as it likes.
    public static func write(
        _ declarations: [Declaration], metadata: [String: String] = [:], to path: String,
        body: (Declaration, inout AtomicFile) throws(ApusError) -> Void
    ) throws(ApusError) {
        let place = "safetensors file \(path)"
        let layout = try layout(of: declarations, metadata: metadata, place: place)
        var file = try AtomicFile(path: path)
        try file.write(layout.header)
        for index in layout.order {
            let declaration = declarations[index]
            let start = file.count
            try body(declaration, &file)
            let expected = RawArray.byteCount(of: declaration.elementType, shape: declaration.shape) ?? 0
            guard file.count - start == expected else {
                throw ApusError(
                    .shape, in: place,
                    "array \(declaration.name.quoted) of shape \(declaration.shape) takes \(expected) bytes, "
                        + "but \(file.count - start) were written",
                    remedy: "write every element once")
            }
        }
        try file.commit()
    }

    /// The bytes that `write` would put into a file.
    public static func encode(
        _ arrays: [(name: String, array: RawArray)], metadata: [String: String] = [:]
    ) throws(ApusError) -> [UInt8] {
        let layout = try layout(of: arrays, metadata: metadata, place: "safetensors data")
        var bytes = layout.header
        for index in layout.order { bytes += arrays[index].array.bytes }
        return bytes
    }

    private static func layout(
        of arrays: [(name: String, array: RawArray)], metadata: [String: String], place: String
    ) throws(ApusError) -> (header: [UInt8], order: [Int]) {
        try layout(
            of: arrays.map { Declaration(name: $0.name, elementType: $0.array.elementType, shape: $0.array.shape) },
            metadata: metadata, place: place)
    }

    /// The header, and the order of the arrays: wide types first so that all are aligned, then by name.
    private static func layout(
        of declarations: [Declaration], metadata: [String: String], place: String
    ) throws(ApusError) -> (header: [UInt8], order: [Int]) {
        let order = declarations.indices.sorted {
            let (a, b) = (declarations[$0], declarations[$1])
            let (left, right) = (a.elementType.safetensorsRank, b.elementType.safetensorsRank)
            return left == right ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : left > right
        }
        var text = "{"
        if !metadata.isEmpty {
            let members = metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
            text += "\"__metadata__\":\(JSON.object(members))"
        }
        var position = 0
        var names: Set<String> = []
        for index in order {
            let (name, type, shape) =
                (declarations[index].name, declarations[index].elementType, declarations[index].shape)
            guard name != "__metadata__", names.insert(name).inserted else {
                throw ApusError(
                    .name, in: place, "the name \(name.quoted) is reserved or given to two arrays",
                    remedy: "give each array a name of its own")
            }
            guard let size = RawArray.byteCount(of: type, shape: shape), shape.count <= SafetensorsFile.maximumRank,
                case (let end, let overflow) = position.addingReportingOverflow(size), !overflow
            else {
                throw ApusError(
                    .shape, in: place, "array \(name.quoted) has the impossible shape \(shape)",
                    remedy: "check the extents")
            }
            if text.utf8.count > 1 { text += "," }
            JSON.write(name, to: &text)
            let extents = shape.map(String.init).joined(separator: ",")
            text += ":{\"dtype\":\"\(type.safetensors)\",\"shape\":[\(extents)],\"data_offsets\":[\(position),\(end)]}"
            position = end
        }
        text += "}"
        text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
        guard text.utf8.count <= SafetensorsFile.maximumHeader else {
            throw ApusError(
                .resource, in: place,
                "the header takes \(text.utf8.count) bytes, but \(SafetensorsFile.maximumHeader) are the most allowed",
                remedy: "write fewer arrays or less metadata")
        }
        var header: [UInt8] = []
        header.appendLittle(UInt64(text.utf8.count))
        header += text.utf8
        return (header, order)
    }
}
