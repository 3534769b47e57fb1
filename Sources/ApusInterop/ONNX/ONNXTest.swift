#if Interop
    import ApusCore
    import ApusData

    /// A test of ONNX's own suite for those who run models: a model, with inputs and what it must make of them.
    ///
    ///     let test = try ONNXTest(folder: "onnx/node/test_conv_with_strides_padding")
    ///     let x = try test.dataSets[0].inputs[0].tensor()
    ///
    /// The folder holds `model.onnx`, and in `test_data_set_0` and so on `input_0.pb`, `input_1.pb`, `output_0.pb`, ...
    /// Source: <https://github.com/onnx/onnx/tree/main/onnx/backend/test/data>
    public struct ONNXTest: Sendable {
        /// Inputs and what the model must make of them.
        public struct DataSet: Sendable {
            /// The name of its folder.
            public let name: String
            /// The values of the graph's first inputs, in their order; tensors may have no name of their own.
            public let inputs: [ONNXTensor]
            /// The values of the graph's outputs, in their order.
            public let outputs: [ONNXTensor]
        }

        /// The name of the folder.
        public let name: String
        /// What is tested.
        public let model: ONNXModel
        /// At least one, in the order of their numbers.
        public let dataSets: [DataSet]

        /// Reads a folder.
        ///
        /// - Throws: an `ApusError` with the file's name as ``ONNXModel`` and ``ONNXTensor``, or if inputs or outputs are
        ///   missing, too many, or no tensors
        public init(folder: String) throws(ApusError) {
            name = String(folder.split(separator: "/").last ?? "")
            let model = try ONNXModel(path: "\(folder)/model.onnx")
            self.model = model
            let names = try Folder.contents(folder).folders.filter { $0.hasPrefix("test_data_set_") }
            guard !names.isEmpty else {
                throw Self.failure(folder, "it has no data set", remedy: "add one as test_data_set_0")
            }
            dataSets = try names.map { (name) throws(ApusError) in
                let (path, graph) = ("\(folder)/\(name)", model.graph)
                return DataSet(
                    name: name, inputs: try Self.tensors(in: path, "input", as: graph.inputs, all: false),
                    outputs: try Self.tensors(in: path, "output", as: graph.outputs, all: true))
            }
        }

        /// The files `input_0.pb` and so on.
        private static func tensors(
            in folder: String, _ prefix: String, as values: [ONNXValueInfo], all: Bool
        ) throws(ApusError) -> [ONNXTensor] {
            let files = try Folder.contents(folder).files.filter { $0.hasPrefix("\(prefix)_") && $0.hasSuffix(".pb") }
            guard files == files.indices.map({ "\(prefix)_\($0).pb" }) else {
                throw failure(
                    folder, "its files \(files.listed) are not numbered from 0 on",
                    remedy: "name them \(prefix)_0.pb and so on")
            }
            guard all ? files.count == values.count : files.count <= values.count else {
                throw failure(
                    folder, "it has \(files.count) files \(prefix)_N.pb for \(values.count) \(prefix)s of the model",
                    remedy: "give one for each")
            }
            for value in values.prefix(files.count) {
                if case .tensor = value.type { continue }
                throw ApusError(
                    .unsupported, in: "folder \(folder)",
                    "the \(prefix) \(value.name.quoted) is no tensor, but \(value.type)", remedy: "leave this test out")
            }
            return try files.map { (file) throws(ApusError) in try ONNXTensor(path: "\(folder)/\(file)") }
        }

        private static func failure(_ folder: String, _ problem: String, remedy: String) -> ApusError {
            ApusError(.data, in: "folder \(folder)", problem, remedy: remedy)
        }
    }

    /// Folders of tests under a folder; each is read when it is asked for.
    ///
    ///     let tests = try ONNXTestFolder("onnx")
    ///     for index in 0..<tests.count { print(try tests.test(at: index).model) }
    public struct ONNXTestFolder: Sendable {
        /// Where the folder is.
        public let path: String
        /// The folders that have a `model.onnx`, relative to `path`, in order.
        public let names: [String]
        /// The number of tests.
        public var count: Int { names.count }

        /// Looks for tests, however deep.
        ///
        /// - Throws: an `ApusError` if there is no folder, or no test in it
        public init(_ path: String) throws(ApusError) {
            self.path = path
            let end = "/model.onnx"
            names = try Folder.files(under: path).filter { $0.hasSuffix(end) }.map { String($0.dropLast(end.count)) }
            guard !names.isEmpty else {
                throw ApusError(
                    .data, in: "folder \(path)", "no folder in it has a model.onnx",
                    remedy: "give the folder above those of the tests")
            }
        }

        /// Reads a test.
        ///
        /// - Throws: an `ApusError` as ``ONNXTest/init(folder:)``, or if there is no such number
        public func test(at index: Int) throws(ApusError) -> ONNXTest {
            guard names.indices.contains(index) else {
                throw ApusError(
                    .index, in: "folder \(path)", "test \(index) is wanted, but there are \(count)",
                    remedy: "use a number from 0 to \(count - 1)")
            }
            return try ONNXTest(folder: "\(path)/\(names[index])")
        }
    }
#endif
