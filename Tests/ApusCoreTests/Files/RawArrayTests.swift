import ApusCore
import TestSupport
import Testing

@Suite struct RawArrayTests {
    @Test func shapesMustMatch() {
        let short = refusal { _ = try RawArray(.float32, shape: [2, 2], bytes: [0, 0, 0]) }
        #expect(short?.problem == "shape [2, 2] of float32 takes 16 bytes, but there are 3")
        for shape in [[-1], [Int.max, 2], [0, Int.max, 2]] {
            #expect(
                refusal { _ = try RawArray(.float32, shape: shape, bytes: []) }?.problem
                    == "the shape \(shape) has a negative extent or more elements than fit into memory")
        }
        let other = refusal { _ = try RawArray([Int32(1)], shape: [1]).values(of: Float.self) }
        #expect(other?.problem == "its elements are int32, not float32")
        #expect(other?.remedy == "convert it first: converted(to: .float32)")
    }

    @Test func wideningIsExact() throws {
        func widened<T: RawElement>(_ type: ElementType, _ bytes: [UInt8], _: T.Type) throws -> [T] {
            let width = bytes.count / type.byteCount
            return try RawArray(type, shape: [width], bytes: bytes).widened().values()
        }
        #expect(try widened(.int8, [0xff, 0x7f], Int32.self) == [-1, 127])
        #expect(try widened(.uint16, [0xff, 0xff], Int32.self) == [65535])
        #expect(try widened(.int16, [0x00, 0x80], Int32.self) == [-32768])
        #expect(try widened(.uint32, [0xff, 0xff, 0xff, 0xff], Int64.self) == [4_294_967_295])
        #expect(try widened(.uint64, [1, 0, 0, 0, 0, 0, 0, 0], Int64.self) == [1])
        let large = refusal { _ = try RawArray([UInt64(1), .max], shape: [2]).widened() }
        #expect(large?.problem == "element 1 of type uint64 is above 9223372036854775807, the largest int64")
    }

    /// Every 8- and 16-bit float against its value computed from its parts.
    @Test func smallFloatsAreDecodedExactly() throws {
        let half = try RawArray((0..<65536).map { UInt16($0) }, shape: [65536])
        let halves: [Float] = try RawArray(.float16, shape: [65536], bytes: half.bytes).converted(to: .float32).values()
        #expect(halves[0x3c00] == 1 && halves[0xc000] == -2 && halves[1] == 0x1p-24 && halves[0x7bff] == 65504)
        #expect(halves[0x7c00] == .infinity && halves[0xfc00] == -.infinity && halves[0x7e00].isNaN)
        #expect(halves[0x8000] == 0 && halves[0x8000].sign == .minus && halves[0x3ff] == 0x3ffp-24)
        let brains: [Float] = try RawArray(.bfloat16, shape: [65536], bytes: half.bytes).converted(to: .float32)
            .values()
        #expect(
            zip(brains, half.bytes.indices).allSatisfy { value, index in
                value.isNaN || value.bitPattern == UInt32(index) << 16
            })
        let bytes = [UInt8](0...255)
        let e5: [Float] = try RawArray(.float8E5M2, shape: [256], bytes: bytes).converted(to: .float32).values()
        #expect(zip(e5, bytes).allSatisfy { $0.isNaN && halves[Int($1) << 8].isNaN || $0 == halves[Int($1) << 8] })
        let e4 = try RawArray(.float8E4M3, shape: [256], bytes: bytes)
        let quarters: [Float] = try e4.converted(to: .float32).values()
        #expect(quarters[0x7e] == 448 && quarters[0x7f].isNaN && quarters[0x38] == 1 && quarters[1] == 0x1p-9)
        // By way of float16 the values are the same, bit for bit.
        let through: [Float] = try e4.widened().converted(to: .float32).values()
        #expect(zip(through, quarters).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    }

    @Test func lossIsRefused() throws {
        let error = refusal { _ = try RawArray([1.5], shape: [1]).converted(to: .float32) }
        #expect(error?.problem == "float64 does not fit into float32 without loss")
        #expect(error?.remedy == "convert to float64, and cast there if the loss is meant")
        for (from, to) in [
            (ElementType.int32, ElementType.float32), (.float16, .bfloat16), (.uint8, .bool),
            (.float32, .int64), (.int8, .uint64), (.uint8, .int8), (.bool, .float8E4M3),
        ] {
            #expect(!from.converts(exactlyTo: to), "\(from) \(to)")
        }
        for (from, to) in [
            (ElementType.bool, ElementType.int32), (.uint8, .float16), (.int16, .float32),
            (.int32, .float64), (.bfloat16, .float32), (.uint16, .int32),
        ] {
            #expect(from.converts(exactlyTo: to), "\(from) \(to)")
        }
        #expect(try RawArray([UInt8(0), 255], shape: [2]).converted(to: .float32).values() as [Float] == [0, 255])
    }
}
