// PyTorch's files: a pickle that says how tensors lie in storages, and the storages.

/// Tensors of a file that `torch.save` wrote: the zip archive of today, or the older plain form.
///
///     let file = try PyTorchFile(path: "model.pt")
///     file.names                                  // ["fc1.weight", "fc1.bias"]
///     let weight = try file.array("fc1.weight")   // as PyTorch lays it out
///
/// The pickle in it is taken as data, and nothing that it names is called. What is no tensor (numbers, texts, objects) is left
/// out. Names of dictionaries in dictionaries, and numbers in lists, are joined by points.
public struct PyTorchFile: Sendable {
    /// The names of the tensors, in the order of the file.
    public let names: [String]
    private let views: [String: View]
    private let storages: [String: [UInt8]]
    private let place: String

    /// A tensor: where its elements lie in a storage.
    private struct View: Sendable {
        let storage: String, type: ElementType, offset: Int, shape: [Int], strides: [Int]
    }

    /// Opens a file.
    ///
    /// - Throws: an `ApusError` with the byte of what is damaged, or with what is not known
    public init(path: String) throws(ApusError) { try self.init(ByteSource(path: path, kind: "PyTorch file")) }

    /// Reads a file that is in memory; `name` stands in error messages.
    public init(bytes: [UInt8], name: String = "in memory") throws(ApusError) {
        try self.init(ByteSource(bytes: bytes, name: name, kind: "PyTorch file"))
    }

    private init(_ source: ByteSource) throws(ApusError) {
        place = source.place
        let start = try source.bytes(at: 0, count: min(source.count, 4))
        let (pickle, storages) =
            start.starts(with: [0x50, 0x4b])
            ? try Self.archive(source) : try Self.plain(try source.bytes(at: 0, count: source.count), place: place)
        self.storages = storages
        var found = Finder(pickle)
        try found.visit(pickle.root, name: "", depth: 0)
        (names, views) = (found.names, found.views)
    }

    /// Reads a tensor.
    public func array(_ name: String) throws(ApusError) -> RawArray {
        guard let view = views[name] else {
            throw ApusError(
                .name, in: place, "it holds no tensor \(name.quoted), but \(names.listed)",
                remedy: "use one of these names")
        }
        guard let storage = storages[view.storage] else {
            throw damaged("the storage \(view.storage.quoted) of \(name.quoted) is missing")
        }
        let width = view.type.byteCount
        guard let size = RawArray.byteCount(of: view.type, shape: view.shape), view.shape.allSatisfy({ $0 >= 0 }) else {
            throw damaged("\(name.quoted) has the shape \(view.shape)")
        }
        // A tensor that repeats its elements may be larger than its storage, but not without bounds.
        guard size <= 2 * storage.count + 1 << 20 else {
            throw damaged("\(name.quoted) takes \(size) bytes of a storage of \(storage.count)")
        }
        guard size > 0 else { return try RawArray(view.type, shape: view.shape, bytes: []) }
        var last = view.offset
        for (extent, step) in zip(view.shape, view.strides) {
            let (product, overflow) = (extent - 1).multipliedReportingOverflow(by: step)
            let (sum, overflow2) = last.addingReportingOverflow(product)
            guard !overflow, !overflow2, step >= 0 else {
                throw damaged("\(name.quoted) has the strides \(view.strides)")
            }
            last = sum
        }
        guard view.offset >= 0, last < storage.count / width else {
            throw damaged("\(name.quoted) ends at element \(last) of a storage of \(storage.count / width)")
        }
        var result: [UInt8] = []
        result.reserveCapacity(size)
        var index = [Int](repeating: 0, count: view.shape.count)
        var element = view.offset
        while result.count < size {
            result += storage[element * width..<(element + 1) * width]
            for axis in view.shape.indices.reversed() {
                index[axis] += 1
                element += view.strides[axis]
                if index[axis] < view.shape[axis] { break }
                element -= index[axis] * view.strides[axis]
                index[axis] = 0
            }
        }
        return try RawArray(view.type, shape: view.shape, bytes: result)
    }

    /// Reads all tensors.
    public func arrays() throws(ApusError) -> [(name: String, array: RawArray)] {
        var arrays: [(name: String, array: RawArray)] = []
        for name in names { arrays.append((name, try array(name))) }
        return arrays
    }

    private func damaged(_ problem: String) -> ApusError {
        ApusError(
            .format, in: place, "entry \(problem)",
            remedy: "the file is damaged: copy it again, or save it as safetensors")
    }

    /// The pickle and storages of a zip archive.
    private static func archive(_ source: ByteSource) throws(ApusError) -> (Pickle, [String: [UInt8]]) {
        let archive = try ZipArchive(source)
        guard let entry = archive.entries.first(where: { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") })
        else {
            throw ApusError(
                .format, in: source.place, "the archive has no entry data.pkl",
                remedy: "give a file that torch.save wrote; those of torch.jit are not read")
        }
        let prefix = String(entry.name.dropLast("data.pkl".count))
        if let order = archive.entry(named: prefix + "byteorder"),
            try archive.bytes(of: order).elementsEqual("big".utf8)
        {
            throw ApusError(
                .unsupported, in: source.place, "its numbers have their highest byte first (entry byteorder)",
                remedy: "save it again on a machine of today")
        }
        var storages: [String: [UInt8]] = [:]
        for entry in archive.entries where entry.name.hasPrefix(prefix + "data/") {
            storages[String(entry.name.dropFirst(prefix.count + 5))] = try archive.bytes(of: entry)
        }
        let place = "\(source.place), entry \(entry.name.quoted)"
        return (try Pickle(try archive.bytes(of: entry), place: place), storages)
    }

    /// The third pickle after those of a sign, the version and the sizes of types; a list of storages and these follow.
    private static func plain(_ bytes: [UInt8], place: String) throws(ApusError) -> (Pickle, [String: [UInt8]]) {
        let sign = try Pickle(bytes, place: place)
        let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
        guard case .bytes(let range) = sign[sign.root], bytes[range].elementsEqual(magic) else {
            throw ApusError(
                .format, in: place, "it does not begin as a file of torch.save does (byte 0)",
                remedy: "give a file that torch.save wrote")
        }
        let version = try Pickle(bytes, at: sign.end, place: place)
        let sizes = try Pickle(bytes, at: version.end, place: place)
        let pickle = try Pickle(bytes, at: sizes.end, place: place)
        let keys = try Pickle(bytes, at: pickle.end, place: place)
        var widths: [String: Int] = [:]
        for value in pickle.values {
            guard case .persistent(let number) = value, let storage = Finder.storage(number, of: pickle) else {
                continue
            }
            widths[storage.key] = storage.type.byteCount
        }
        var reader = ByteReader(bytes, at: keys.end)
        var storages: [String: [UInt8]] = [:]
        for key in keys.members(keys.root) ?? [] {
            let start = reader.offset
            guard let name = keys.text(key), let width = widths[name],
                let count = reader.little64().flatMap(Int.init(exactly:)),
                count <= bytes.count, let content = reader.take(count * width)
            else {
                throw ApusError(
                    .format, in: place, "a storage ends in the middle, or no tensor uses it (byte \(start))",
                    remedy: "the file is damaged: copy or save it again")
            }
            storages[name] = Array(content)
        }
        return (pickle, storages)
    }

    /// Looks for tensors in dictionaries and lists.
    private struct Finder {
        private let pickle: Pickle
        private(set) var names: [String] = []
        private(set) var views: [String: View] = [:]
        private var visits = 0

        init(_ pickle: Pickle) { self.pickle = pickle }

        mutating func visit(_ number: Int, name: String, depth: Int) throws(ApusError) {
            visits += 1
            // A pickle may name a value twice, so that the ways to it are more than its values.
            guard depth <= 32, visits <= 4 * pickle.values.count + 1024 else {
                throw pickle.unexpected("its dictionaries are nested too deeply")
            }
            func inner(_ part: String) -> String { name.isEmpty ? part : "\(name).\(part)" }
            if let view = try view(number) {
                if views.updateValue(view, forKey: name) == nil { names.append(name) }
            } else if let items = pickle.items(number) {
                for item in items {
                    guard let key = pickle.text(item.key) ?? pickle.integer(item.key).map(String.init) else { continue }
                    try visit(item.value, name: inner(key), depth: depth + 1)
                }
            } else if let members = pickle.members(number) {
                for (index, member) in members.enumerated() {
                    try visit(member, name: inner("\(index)"), depth: depth + 1)
                }
            }
        }

        private func view(_ number: Int) throws(ApusError) -> View? {
            if let wrapped = pickle.object(number, "torch._utils _rebuild_parameter")?.arguments.first {
                return wrapped == number ? nil : try plainView(wrapped)
            }
            return try plainView(number)
        }

        private func plainView(_ number: Int) throws(ApusError) -> View? {
            guard let arguments = pickle.object(number, "torch._utils _rebuild_tensor_v2")?.arguments else {
                return nil
            }
            guard arguments.count >= 4, case .persistent(let key) = pickle[arguments[0]],
                let storage = Self.storage(key, of: pickle), let offset = pickle.integer(arguments[1]),
                let shape = pickle.integers(arguments[2]), let strides = pickle.integers(arguments[3]),
                shape.count == strides.count
            else {
                throw pickle.unexpected("a tensor's storage, shape or strides are not told in a form that is known")
            }
            return View(storage: storage.key, type: storage.type, offset: offset, shape: shape, strides: strides)
        }

        /// What names a storage: a word, its type, its key, a device and its length.
        static func storage(_ number: Int, of pickle: Pickle) -> (key: String, type: ElementType)? {
            guard let parts = pickle.members(number), parts.count >= 3, pickle.text(parts[0]) == "storage",
                case .global(let name) = pickle[parts[1]], let type = types[name], let key = pickle.text(parts[2])
            else { return nil }
            return (key, type)
        }

        private static let types: [String: ElementType] = [
            "torch FloatStorage": .float32, "torch DoubleStorage": .float64, "torch HalfStorage": .float16,
            "torch BFloat16Storage": .bfloat16, "torch LongStorage": .int64, "torch IntStorage": .int32,
            "torch ShortStorage": .int16, "torch CharStorage": .int8, "torch ByteStorage": .uint8,
            "torch BoolStorage": .bool,
        ]
    }
}
