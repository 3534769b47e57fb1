#if Interop
    import ApusCore
    internal import SwiftProtobuf

    /// Takes messages of a file into the types of this module; what it refuses names the file.
    ///
    /// Beside each type stands the part that reads it.
    struct ONNXReader {
        /// Messages within messages, so that nothing nests until the stack is full: a graph in a node's attribute takes three.
        static let maximumDepth = 64

        let source: ByteSource

        var place: String { source.place }

        /// Reads the message that the whole file is.
        func message<M: Message>(_: M.Type) throws(ApusError) -> M {
            guard source.count < 1 << 31 else {
                throw ApusError(
                    .unsupported, in: place, "it has \(source.count) bytes, and protocol buffers end at 2147483647",
                    remedy: "split the model")
            }
            let bytes = try source.bytes()
            var options = BinaryDecodingOptions()
            options.messageDepthLimit = Self.maximumDepth
            options.discardUnknownFields = true
            do {
                return try M(serializedBytes: bytes, options: options)
            } catch {
                throw failure("\(Self.problem(error)) in its \(bytes.count) bytes")
            }
        }

        private static func problem(_ error: any Error) -> String {
            switch error as? BinaryDecodingError {
            case .truncated: "a field ends beyond the end"
            case .invalidUTF8: "a text is not UTF-8"
            case .messageDepthLimit: "messages are nested more than \(maximumDepth) deep"
            default: "something is no protocol buffer"
            }
        }

        /// Damage, which most of what is refused comes from.
        func failure(_ problem: String) -> ApusError {
            ApusError(
                .format, in: place, problem,
                remedy: "the file is damaged or no such file of ONNX: copy or export it again")
        }

        func unsupported(_ problem: String, remedy: String) -> ApusError {
            ApusError(.unsupported, in: place, problem, remedy: remedy)
        }
    }
#endif
