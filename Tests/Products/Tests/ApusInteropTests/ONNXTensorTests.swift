import ApusCore
import ApusInterop
import Testing

@Suite struct ONNXTensorTests {
    private func read(_ wire: Wire) throws -> ONNXTensor { try ONNXTensor(bytes: wire.bytes, name: "t.pb") }

    private func array(_ wire: Wire) throws -> RawArray? {
        if case .numbers(let array) = try read(wire).values { array } else { nil }
    }

    private func message(_ wire: Wire) -> String { refusal { _ = try read(wire) }?.description ?? "" }

    @Test func rawBytesAreElements() throws {
        let tensor = try read(.tensor("w", type: 1, shape: [2, 1]).data(9, [0, 0, 128, 63, 0, 0, 32, 192]))
        #expect(tensor.name == "w" && tensor.elementType == .float32 && tensor.shape == [2, 1])
        #expect(tensor.description == "w: float32 [2, 1]")
        #expect(try tensor.tensor().array(of: Float.self) == [1, -2.5])
        #expect(try tensor.tensor().shape == [2, 1])
        #expect(
            try array(.tensor(type: 7, shape: []).data(9, [1, 0, 0, 0, 0, 0, 0, 128]))
                == RawArray([Int64.min + 1], shape: []))
        #expect(try array(.tensor(type: 9, shape: [2]).data(9, [1, 0])) == RawArray([true, false], shape: [2]))
        #expect(try read(.tensor(type: 1, shape: [0, 3]).data(9, [])).tensor().shape == [0, 3])
        #expect(try read(.tensor(type: 1, shape: [0, 3])).tensor().shape == [0, 3])
    }

    @Test func numbersInFieldsOfTheirOwnAreElements() throws {
        #expect(
            try array(.tensor(type: 1, shape: [2]).packed(4, [1.5, -2] as [Float]))
                == RawArray([1.5, -2] as [Float], shape: [2]))
        #expect(
            try array(.tensor(type: 1, shape: [2]).float(4, 1.5).float(4, -2))
                == RawArray([1.5, -2] as [Float], shape: [2]))
        #expect(try array(.tensor(type: 11, shape: [1]).packed(10, [0.1])) == RawArray([0.1], shape: [1]))
        #expect(try array(.tensor(type: 6, shape: [2]).packed(5, [-7, 9])) == RawArray([Int32(-7), 9], shape: [2]))
        #expect(try array(.tensor(type: 7, shape: [1]).packed(7, [Int.min])) == RawArray([Int64.min], shape: [1]))
        #expect(
            try array(.tensor(type: 3, shape: [2]).packed(5, [-128, 127])) == RawArray([Int8(-128), 127], shape: [2]))
        #expect(try array(.tensor(type: 5, shape: [1]).packed(5, [-300])) == RawArray([Int16(-300)], shape: [1]))
        #expect(try array(.tensor(type: 4, shape: [1]).packed(5, [65_535])) == RawArray([UInt16(65_535)], shape: [1]))
        #expect(try array(.tensor(type: 2, shape: [1]).packed(5, [255])) == RawArray([UInt8(255)], shape: [1]))
        #expect(try array(.tensor(type: 9, shape: [2]).packed(5, [0, 1])) == RawArray([false, true], shape: [2]))
        #expect(
            try array(.tensor(type: 12, shape: [1]).packed(11, [4_294_967_295])) == RawArray([UInt32.max], shape: [1]))
        #expect(try array(.tensor(type: 13, shape: [1]).packed(11, [-1])) == RawArray([UInt64.max], shape: [1]))
        // The bits of 1.5, in 16 bits of two kinds and in 8 of two.
        for (type, bits) in [(10, 0x3e00), (16, 0x3fc0), (17, 0x3c), (19, 0x3e)] {
            let tensor = try read(.tensor(type: type, shape: [1]).packed(5, [bits])).tensor()
            #expect(try tensor.array(of: Double.self) == [1.5], "type \(type)")
        }
    }

    @Test func narrowIntegersAreWidened() throws {
        // 21, -7 and 3 of 4 bits: the lowest four are the first; the last half byte is empty.
        #expect(
            try array(.tensor(type: 22, shape: [3]).data(9, [0x97, 0x03])) == RawArray([Int8(7), -7, 3], shape: [3]))
        #expect(
            try array(.tensor(type: 21, shape: [3]).packed(5, [0x97, 0x03])) == RawArray([UInt8(7), 9, 3], shape: [3]))
        #expect(
            try array(.tensor(type: 26, shape: [5]).data(9, [0b11_10_01_00, 0b10]))
                == RawArray([Int8(0), 1, -2, -1, -2], shape: [5]))
        #expect(
            try array(.tensor(type: 25, shape: [4]).data(9, [0b11_10_01_00]))
                == RawArray([UInt8(0), 1, 2, 3], shape: [4]))
        let int8 = try read(.tensor(type: 3, shape: [2]).data(9, [0x80, 0x7f])).tensor()
        #expect(try int8.dtype == .int32 && int8.array(of: Int32.self) == [-128, 127])
        #expect(message(.tensor("w", type: 22, shape: [3]).data(9, [1])).contains("takes 2 bytes, but has 1"))
    }

    @Test func textsStayTexts() throws {
        let tensor = try read(.tensor("words", type: 8, shape: [2]).text(6, "to").text(6, "bé"))
        #expect(tensor.values == .texts(["to", "bé"]) && tensor.elementType == .string)
        let refused = refusal { _ = try tensor.tensor() }
        #expect(
            refused?.description
                == "ONNX tensor \"words\": its elements are texts, which tensors don't hold; take them from values")
        #expect(message(.tensor("words", type: 8, shape: [3]).text(6, "to")).contains("takes 3 texts, but has 1"))
        #expect(message(.tensor("words", type: 8, shape: [1]).data(6, [0xff])).contains("element 0 that is not UTF-8"))
    }

    @Test func lengthsMustFit() {
        #expect(
            message(.tensor("w", type: 1, shape: [2, 3]).data(9, [0, 0, 0]))
                == "ONNX tensor t.pb: the tensor \"w\" of shape [2, 3] and "
                + "type float32 takes 24 bytes, but has 3; the file is damaged or no such file of ONNX: copy or export it again"
        )
        #expect(message(.tensor(type: 1, shape: [2]).packed(4, [1] as [Float])).contains("takes 2 elements, but has 1"))
        #expect(message(.tensor(type: 1, shape: [1]).packed(5, [1])).contains("takes 1 elements, but has 0"))
        #expect(
            message(.tensor(type: 1, shape: [1]).data(9, [0, 0, 0, 0]).packed(4, [1] as [Float])).contains(
                "values twice"))
        #expect(message(.tensor(type: 1, shape: [-1])).contains("the impossible shape [-1]"))
        #expect(message(.tensor(type: 1, shape: [1 << 62, 4])).contains("impossible shape"))
        #expect(message(.tensor(type: 1, shape: [0, 1 << 62]).data(9, [])).contains("impossible shape"))
        #expect(message(.tensor(type: 22, shape: [Int.max]).data(9, [1])).contains("bytes, but has 1"))
        #expect(message(.tensor(type: 1, shape: Array(repeating: 1, count: 65))).contains("impossible shape"))
        #expect(message(.tensor(type: 2, shape: [1]).packed(5, [256])).contains("of type uint8 has 256 as element 0"))
        #expect(message(.tensor(type: 9, shape: [1]).data(9, [2])).contains("element 0 of type bool is stored as 2"))
        let huge = Wire.tensor("u", type: 13, shape: [1]).data(9, Array(repeating: 255, count: 8))
        #expect(refusal { _ = try read(huge).tensor() }?.problem.contains("above 9223372036854775807") == true)
    }

    @Test func whatIsNotReadIsNamed() {
        for (type, name) in [
            (14, "complex64"), (15, "complex128"), (18, "float8e4m3fnuz"), (23, "float4e2m1"), (24, "float8e8m0"),
        ] {
            let refused = refusal { _ = try read(.tensor("z", type: type, shape: [1]).data(9, [0])) }
            #expect(refused?.kind == .unsupported && refused?.problem.contains("the type \(name),") == true)
        }
        #expect(
            message(.tensor("z", type: 99, shape: [])).contains("the type with the number 99, but 1 to 26 are known"))
        #expect(message(.tensor("z", type: 0, shape: [])).contains("has no element type"))
        #expect(message(.tensor("z", type: 1, shape: [1]).number(14, 1)).contains("in another file"))
        #expect(
            message(.tensor("z", type: 1, shape: [1]).message(13, Wire().text(1, "location").text(2, "/etc/passwd")))
                .contains("in another file"))
        #expect(
            message(.tensor("z", type: 1, shape: [1]).message(3, Wire().number(2, 1))).contains("one part of several"))
    }

    @Test func damageNamesTheFile() {
        #expect(
            refusal { _ = try ONNXTensor(path: "nowhere/input_0.pb") }?.description.hasPrefix(
                "ONNX tensor nowhere/input_0.pb: it can't be opened") == true)
        let whole = Wire.tensor("w", type: 1, shape: [1]).data(9, [0, 0, 128, 63]).bytes
        #expect(
            refusal { _ = try ONNXTensor(bytes: Array(whole.dropLast()), name: "cut.pb") }?.description
                == "ONNX tensor cut.pb: a field ends beyond the end in its 12 bytes; the file is damaged or no such file of "
                + "ONNX: copy or export it again")
        #expect(
            refusal { _ = try ONNXTensor(bytes: [0x42, 2, 0xff, 0xfe]) }?.problem
                == "a text is not UTF-8 in its 4 bytes")
        #expect(
            refusal { _ = try ONNXTensor(bytes: [0x07]) }?.problem == "something is no protocol buffer in its 1 bytes")
        #expect(refusal { _ = try ONNXTensor(bytes: []) }?.problem == "the tensor has no element type in 0 bytes")
    }
}
