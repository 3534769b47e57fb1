import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Elements that can be written as named tensors and read back.
public protocol StorableElement: Sendable {
    /// The parts by name.
    func storedTensors() throws(ApusError) -> [(name: String, tensor: Tensor)]
    /// The element of its parts.
    init(storedTensors: [String: Tensor]) throws(ApusError)
}

extension Tensor: StorableElement {
    /// The tensor as `value`.
    public func storedTensors() -> [(name: String, tensor: Tensor)] { [("value", self)] }

    /// Reads `value`.
    public init(storedTensors: [String: Tensor]) throws(ApusError) { self = try storedTensors.part("value") }
}

extension Sample: StorableElement where Input == Tensor, Target == Tensor {
    /// The tensors as `input` and `target`, and the weight, if there is one, as `weight`.
    public func storedTensors() -> [(name: String, tensor: Tensor)] {
        [("input", input), ("target", target)] + (weight.map { [("weight", Tensor([$0], shape: []))] } ?? [])
    }

    /// Reads what ``storedTensors()`` gave.
    public init(storedTensors: [String: Tensor]) throws(ApusError) {
        self.init(
            input: try storedTensors.part("input"), target: try storedTensors.part("target"),
            weight: try storedTensors["weight"].map { (weight) throws(ApusError) in try weight.item() })
    }
}

extension Batch: StorableElement {
    /// The parts of the batch under their names.
    public func storedTensors() -> [(name: String, tensor: Tensor)] {
        [("inputs", inputs), ("targets", targets)] + (lengths.map { [("lengths", $0)] } ?? [])
            + (weights.map { [("weights", $0)] } ?? [])
    }

    /// Reads what ``storedTensors()`` gave.
    public init(storedTensors: [String: Tensor]) throws(ApusError) {
        self.init(
            inputs: try storedTensors.part("inputs"), targets: try storedTensors.part("targets"),
            lengths: storedTensors["lengths"], weights: storedTensors["weights"])
    }
}

extension [String: Tensor] {
    fileprivate func part(_ name: String) throws(ApusError) -> Tensor {
        guard let tensor = self[name] else {
            throw ApusError(
                .format, in: "pipeline cache", "the part \(name.quoted) is missing", remedy: "delete the cache's folder"
            )
        }
        return tensor
    }
}

extension Pipeline where Element: StorableElement {
    /// Keeps the elements in safetensors files of a folder: they are computed once, also for later processes.
    ///
    /// The first pass writes all of them before it gives any; a cache of another pipeline (of other stages or settings)
    /// is written anew. What is random before this stage is drawn once, as in epoch 0.
    ///
    /// - Parameters:
    ///   - folder: made if it is missing
    ///   - block: elements a file
    public func cache(folder: String, block: Int = 256) -> Pipeline<Element> {
        let stage = next(.cache, ["in \(folder)"])
        guard block > 0 else {
            return Pipeline(
                stage, error: ApusError(.value, in: "pipeline cache", "blocks of \(block)", remedy: "use 1 or more"))
        }
        let (open, fingerprint) = (open, self.stage.fingerprint)
        let files = BlockFiles(folder: folder, fingerprint: fingerprint, block: block)
        return Pipeline(stage, count: count, workers: workers, observers: observers) { run throws(ApusError) in
            let count = try files.prepare { () throws(ApusError) in try open(run.inEpoch(0)) }
            return Access(count: count) { (indices) throws(ApusError) in
                try run.team.map(indices.count) { (position) throws(ApusError) in
                    try Element(storedTensors: try files.element(indices[position]))
                }
            }
        }
    }
}

/// The files of a cache on disk: blocks of elements, and a list that is written last.
private final class BlockFiles: @unchecked Sendable {
    private let folder: String
    private let fingerprint: String
    private let block: Int
    private let monitor = Monitor()
    private var isBusy = false
    private var files: [SafetensorsFile] = []
    private var count: Int?

    init(folder: String, fingerprint: UInt64, block: Int) {
        self.folder = folder
        self.fingerprint = String(fingerprint, radix: 16)
        self.block = block
    }

    private func path(_ number: Int) -> String { "\(folder)/block\(number).safetensors" }
    private var list: String { "\(folder)/cache.json" }

    /// The number of elements, once they are on disk.
    func prepare<Element: StorableElement>(
        _ open: () throws(ApusError) -> Cursor<Element>
    ) throws(ApusError) -> Int {
        let known = monitor.when({ !isBusy }) { () -> Int? in
            isBusy = count == nil
            return count
        }
        if let known { return known }
        defer { monitor.when { isBusy = false } }
        if let found = try existing() { return found }
        if mkdir(folder, 0o777) != 0, errno != EEXIST {
            throw ApusError(
                .file, in: "pipeline cache \(folder)", "it can't be made: \(systemMessage(errno))",
                remedy: "give a folder whose parent is there and can be written")
        }
        unlink(list)
        let cursor = try open()
        var total = 0
        while true {
            let elements = try cursor.next(block)
            if !elements.isEmpty {
                var arrays: [(name: String, array: RawArray)] = []
                for (index, element) in elements.enumerated() {
                    for (name, tensor) in try element.storedTensors() {
                        arrays.append(("\(index).\(name)", try tensor.rawArray()))
                    }
                }
                try Safetensors.write(arrays, to: path(total / block))
                total += elements.count
            }
            if elements.count < block { break }
        }
        let text = JSON.object([
            JSON.Member("pipeline", .string(fingerprint)), JSON.Member("count", .integer(Int64(total))),
            JSON.Member("block", .integer(Int64(block))),
        ]).text()
        try AtomicFile.write(Array(text.utf8), to: list)
        return try opened(total)
    }

    private func existing() throws(ApusError) -> Int? {
        guard access(list, F_OK) == 0 else { return nil }
        let source = try ByteSource(path: list, kind: "pipeline cache")
        let json = try JSON(parsing: try source.bytes(), place: source.place)
        guard json["pipeline"]?.string == fingerprint, json["block"]?.integer == block,
            let count = json["count"]?.integer, count >= 0
        else { return nil }
        return try opened(count)
    }

    private func opened(_ total: Int) throws(ApusError) -> Int {
        var opened: [SafetensorsFile] = []
        for number in 0..<(total + block - 1) / block { opened.append(try SafetensorsFile(path: path(number))) }
        monitor.when {
            files = opened
            count = total
        }
        return total
    }

    func element(_ index: Int) throws(ApusError) -> [String: Tensor] {
        let file = files[index / block]
        let prefix = "\(index % block)."
        var result: [String: Tensor] = [:]
        for part in ["value", "input", "target", "inputs", "targets", "lengths"] {
            guard let entry = file.entry(named: prefix + part) else { continue }
            result[part] = try Tensor(try file.array(entry))
        }
        if result.isEmpty {
            for entry in file.entries where entry.name.hasPrefix(prefix) {
                result[String(entry.name.dropFirst(prefix.count))] = try Tensor(try file.array(entry))
            }
        }
        return result
    }
}
