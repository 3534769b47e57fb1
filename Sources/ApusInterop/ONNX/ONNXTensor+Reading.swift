#if Interop
    import ApusCore

    extension ONNXReader {
        /// Takes a tensor; the number of its elements is checked against its shape before any is copied.
        ///
        /// - Parameter owner: where it is, such as ` in the attribute "value" of node entry 3`, for messages
        func tensor(_ message: Onnx_TensorProto, owner: String = "") throws(ApusError) -> ONNXTensor {
            let title = "the tensor" + (message.name.isEmpty ? "" : " \(message.name.quoted)") + owner
            guard let type = ONNXElementType(rawValue: Int(message.dataType)) else {
                if message.dataType == 0 { throw failure("\(title) has no element type in \(source.count) bytes") }
                throw unsupported(
                    "\(title) has elements of the type with the number \(message.dataType), but 1 to 26 are known",
                    remedy: "export the model for an older version of ONNX")
            }
            guard message.dataLocation == .default, message.externalData.isEmpty else {
                throw unsupported(
                    "the values of \(title) are in another file, which is not read",
                    remedy: "save the model with its values inside: onnx.save(model, save_as_external_data=False)")
            }
            guard !message.hasSegment else {
                throw unsupported("\(title) is one part of several", remedy: "save it as a whole")
            }
            let shape = message.dims.map { Int($0) }
            guard shape.count <= ONNXTensor.maximumRank, let count = RawArray.byteCount(of: .uint8, shape: shape) else {
                throw failure("\(title) has the impossible shape \(shape.prefix(ONNXTensor.maximumRank))")
            }
            let content = ONNXTensorContent(reader: self, message, title: title, type: type, shape: shape, count: count)
            return ONNXTensor(name: message.name, type, shape: shape, try content.values())
        }
    }

    /// The elements of a tensor's message: bytes as in memory, or numbers in the field that its type has.
    private struct ONNXTensorContent {
        let reader: ONNXReader
        let message: Onnx_TensorProto
        let title: String
        let type: ONNXElementType
        let shape: [Int]
        let count: Int

        init(
            reader: ONNXReader, _ message: Onnx_TensorProto, title: String, type: ONNXElementType, shape: [Int],
            count: Int
        ) {
            (self.reader, self.message, self.title) = (reader, message, title)
            (self.type, self.shape, self.count) = (type, shape, count)
        }

        func values() throws(ApusError) -> ONNXTensor.Values {
            if type == .string { return .texts(try texts()) }
            guard let elementType = type.elementType else {
                throw reader.unsupported(
                    "\(title) has elements of the type \(type), which Apus has no arrays of",
                    remedy: "cast it to float32 before it is saved")
            }
            let bytes = try message.hasRawData ? raw(elementType) : numbers()
            do throws(ApusError) {
                return .numbers(try RawArray(elementType, shape: shape, bytes: bytes))
            } catch {
                throw ApusError(error.kind, in: reader.place, "\(title): \(error.problem)", remedy: error.remedy)
            }
        }

        private func texts() throws(ApusError) -> [String] {
            try check(message.stringData.count, of: count, "texts")
            var texts: [String] = []
            for (index, bytes) in message.stringData.enumerated() {
                guard let text = String(strictUTF8: bytes) else {
                    throw reader.failure("\(title) has an element \(index) that is not UTF-8")
                }
                texts.append(text)
            }
            return texts
        }

        /// Bytes as in memory, the lowest of an element first.
        private func raw(_ elementType: ElementType) throws(ApusError) -> [UInt8] {
            let others =
                message.floatData.count + message.int32Data.count + message.int64Data.count + message.doubleData.count
                + message.uint64Data.count
            guard others == 0 else {
                throw reader.failure("\(title) has its values twice: as bytes, and \(others) as numbers")
            }
            guard type.elementsPerByte == 1 else {
                try check(message.rawData.count, of: packedCount, "bytes")
                return unpacked(message.rawData)
            }
            guard let expected = RawArray.byteCount(of: elementType, shape: shape) else {
                throw reader.failure("\(title) has the impossible shape \(shape)")
            }
            try check(message.rawData.count, of: expected, "bytes")
            return [UInt8](message.rawData)
        }

        /// Numbers in a field of wider ones; floats of 16 and 8 bits are there as their bits.
        private func numbers() throws(ApusError) -> [UInt8] {
            switch type {
            case .float32: try bytes(of: message.floatData)
            case .float64: try bytes(of: message.doubleData)
            case .int32: try bytes(of: message.int32Data)
            case .int64: try bytes(of: message.int64Data)
            case .uint64: try bytes(of: message.uint64Data)
            case .uint32: try narrowed(message.uint64Data, UInt32.self)
            case .int16: try narrowed(message.int32Data, Int16.self)
            case .uint16, .float16, .bfloat16: try narrowed(message.int32Data, UInt16.self)
            case .int8: try narrowed(message.int32Data, Int8.self)
            case .uint4, .int4, .uint2, .int2:
                unpacked(try narrowed(message.int32Data, UInt8.self, count: packedCount))
            default: try narrowed(message.int32Data, UInt8.self)
            }
        }

        private func bytes<T: BitwiseCopyable>(of values: [T]) throws(ApusError) -> [UInt8] {
            try check(values.count, of: count, "elements")
            return values.withUnsafeBytes { [UInt8]($0) }
        }

        private func narrowed<Wide: FixedWidthInteger, Narrow: FixedWidthInteger & BitwiseCopyable>(
            _ values: [Wide], _: Narrow.Type, count: Int? = nil
        ) throws(ApusError) -> [UInt8] {
            try check(values.count, of: count ?? self.count, "elements")
            var result: [Narrow] = []
            result.reserveCapacity(values.count)
            for (index, value) in values.enumerated() {
                guard let narrow = Narrow(exactly: value) else {
                    throw reader.failure("\(title) of type \(type) has \(value) as element \(index)")
                }
                result.append(narrow)
            }
            return result.withUnsafeBytes { [UInt8]($0) }
        }

        /// The bytes that integers of 4 or 2 bits take; the last may be filled in part.
        private var packedCount: Int {
            count / type.elementsPerByte + (count % type.elementsPerByte == 0 ? 0 : 1)
        }

        /// Integers of 4 or 2 bits, of which the first has the lowest bits, one a byte.
        private func unpacked(_ bytes: some Collection<UInt8>) -> [UInt8] {
            let width = UInt8(8 / type.elementsPerByte)
            let isSigned = type == .int4 || type == .int2
            var result: [UInt8] = []
            result.reserveCapacity(count)
            for byte in bytes {
                for part in 0..<min(type.elementsPerByte, count - result.count) {
                    // Up to the top and down again, which repeats the sign.
                    let top = byte << (8 - width - UInt8(part) * width)
                    result.append(
                        isSigned ? UInt8(bitPattern: Int8(bitPattern: top) >> Int8(8 - width)) : top >> (8 - width))
                }
            }
            return result
        }

        private func check(_ found: Int, of expected: Int, _ what: String) throws(ApusError) {
            guard found == expected else {
                throw reader.failure(
                    "\(title) of shape \(shape) and type \(type) takes \(expected) \(what), but has \(found)")
            }
        }
    }
#endif
