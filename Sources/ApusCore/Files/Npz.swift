// NumPy's .npz: named arrays, each a .npy file in a zip archive.

/// A `.npz` file that is open for reading.
///
///     let file = try NpzFile(path: "mnist.npz")
///     let images = try file.array("x_train")
public struct NpzFile: Sendable {
    /// The names of the arrays, in the order of the file.
    public let names: [String]

    private let archive: ZipArchive

    /// Opens a file.
    public init(path: String) throws(ApusError) { try self.init(ByteSource(path: path, kind: "npz file")) }

    /// Reads a file that is in memory; `name` stands in error messages.
    public init(bytes: [UInt8], name: String = "in memory") throws(ApusError) {
        try self.init(ByteSource(bytes: bytes, name: name, kind: "npz file"))
    }

    private init(_ source: ByteSource) throws(ApusError) {
        archive = try ZipArchive(source)
        names = archive.entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
    }

    /// Reads an array.
    public func array(_ name: String) throws(ApusError) -> RawArray {
        guard let entry = archive.entry(named: name + ".npy") ?? archive.entry(named: name) else {
            throw ApusError(
                .name, in: archive.place, "it holds no array \(name.quoted), but \(names.listed)",
                remedy: "use one of these names")
        }
        return try Npy.decode(
            try archive.bytes(of: entry), place: "\(archive.place), entry \(entry.name.quoted)")
    }

    /// Reads all arrays.
    public func arrays() throws(ApusError) -> [(name: String, array: RawArray)] {
        var arrays: [(name: String, array: RawArray)] = []
        for name in names { arrays.append((name, try array(name))) }
        return arrays
    }
}

/// Writes `.npz` files.
public enum Npz {
    /// Writes arrays, compressed or as they are. The file appears under its name only when it is complete.
    public static func write(
        _ arrays: [(name: String, array: RawArray)], compressed: Bool = false, to path: String
    ) throws(ApusError) {
        var archive = try ZipWriter(path: path)
        for (name, array) in arrays { try archive.add(name + ".npy", try Npy.encode(array), deflated: compressed) }
        try archive.finish()
    }
}
