import ApusCore

/// Files of arrays that have names, in the format that the end of the path tells.
public enum NamedArrays {
    /// The ends of names that ``read(_:)`` knows.
    public static let endings = [".safetensors", ".npz", ".pt", ".pth"]

    /// Reads a `.safetensors`, `.npz`, `.pt` or `.pth` file.
    public static func read(_ path: String) throws(ApusError) -> [(name: String, array: RawArray)] {
        if path.hasSuffix(".safetensors") { return try SafetensorsFile(path: path).arrays() }
        if path.hasSuffix(".npz") { return try NpzFile(path: path).arrays() }
        if path.hasSuffix(".pt") || path.hasSuffix(".pth") { return try PyTorchFile(path: path).arrays() }
        throw unknown(path)
    }

    /// Writes a `.safetensors` or `.npz` file.
    public static func write(_ arrays: [(name: String, array: RawArray)], to path: String) throws(ApusError) {
        if path.hasSuffix(".safetensors") { return try Safetensors.write(arrays, to: path) }
        if path.hasSuffix(".npz") { return try Npz.write(arrays, to: path) }
        throw unknown(path)
    }

    private static func unknown(_ path: String) -> ApusError {
        ApusError(
            .unsupported, in: "file \(path)", "no format of named arrays has this end",
            remedy: "read .safetensors, .npz, .pt or .pth; write .safetensors or .npz")
    }
}
