// zlib, gzip and raw deflate data, by the zlib library that is loaded when it is first needed.

/// Compresses and expands data.
public enum Zlib {
    /// What surrounds the compressed data.
    public enum Wrapper: Sendable {
        /// Nothing, as in zip archives.
        case raw
        /// Two bytes and a checksum, as in PNG.
        case zlib
        /// A header with room for a file name, and a checksum, as in `.gz` files.
        case gzip

        fileprivate var windowBits: Int32 {
            switch self {
            case .raw: -15
            case .zlib: 15
            case .gzip: 31
            }
        }
    }

    /// Compresses bytes; `level` goes from 1 (fast) to 9 (small), 0 stores them.
    public static func deflate(
        _ bytes: [UInt8], wrapper: Wrapper = .zlib, level: Int = 6
    ) throws(ApusError) -> [UInt8] {
        let library = try ZlibLibrary.shared.get()
        let failure = outOfMemory("compressing \(bytes.count) bytes")
        // On the heap, because zlib remembers where it is.
        let stream = UnsafeMutablePointer<ZlibStream>.allocate(capacity: 1)
        stream.initialize(to: ZlibStream())
        defer { stream.deallocate() }
        let (level, size) = (Int32(min(max(level, 0), 9)), Int32(MemoryLayout<ZlibStream>.size))
        guard library.deflateInit(stream, level, 8, wrapper.windowBits, 8, 0, ZlibLibrary.version, size) == 0 else {
            throw failure
        }
        defer { _ = library.deflateEnd(stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let complete = bytes.withUnsafeBufferPointer { input in
            var offset = 0
            while true {
                // zlib counts in 32 bits, so long input is fed in pieces.
                let piece = min(input.count - offset, 1 << 30)
                stream.pointee.nextIn = input.baseAddress.map { $0 + offset }
                stream.pointee.availableIn = UInt32(piece)
                let last = offset + piece == input.count
                let (written, status) = chunk.withUnsafeMutableBufferPointer { target in
                    stream.pointee.nextOut = target.baseAddress
                    stream.pointee.availableOut = UInt32(target.count)
                    let status = library.deflate(stream, last ? 4 : 0)
                    return (target.count - Int(stream.pointee.availableOut), status)
                }
                offset += piece - Int(stream.pointee.availableIn)
                output += chunk[..<written]
                if status == 1 { return true }
                if status < 0 && status != -5 { return false }
            }
        }
        guard complete else { throw failure }
        return output
    }

    /// Expands bytes to at most `limit` bytes. `place` stands in error messages.
    public static func inflate(
        _ bytes: [UInt8], wrapper: Wrapper = .zlib, limit: Int, place: String
    ) throws(ApusError) -> [UInt8] {
        var inflater = try Inflater(bytes, wrapper: wrapper, place: place)
        let output = try inflater.read(upTo: limit)
        if output.count == limit, try !inflater.read(upTo: 1).isEmpty {
            throw ApusError(
                .resource, in: place, "the compressed data expands to more than \(limit) bytes",
                remedy: "if the file can be trusted, expand it with another program first")
        }
        return output
    }

    /// Refuses what small files that are made to fill the memory do: expanding more than a hundredfold, unless the
    /// result has less than 64 MiB.
    package static func checkExpansion(
        from compressed: Int, to expanded: Int, place: String
    ) throws(ApusError) {
        guard expanded > 64 << 20, expanded / 100 > compressed else { return }
        throw ApusError(
            .resource, in: place, "\(compressed) compressed bytes would expand to \(expanded), more than a hundredfold",
            remedy: "if the file can be trusted, expand it with another program first")
    }

    fileprivate static func outOfMemory(_ work: String) -> ApusError {
        ApusError(
            .resource, in: "library zlib", "it refused \(work), probably for lack of memory", remedy: "free memory")
    }
}

/// Expands compressed data piece by piece.
package struct Inflater: ~Copyable {
    private let library: ZlibLibrary
    private let input: [UInt8]
    private let wrapper: Zlib.Wrapper
    private let place: String
    // On the heap, because zlib remembers where it is.
    private let stream: UnsafeMutablePointer<ZlibStream>
    /// How many compressed bytes have been used up.
    package private(set) var consumed = 0
    private var ended = false

    package init(_ input: [UInt8], wrapper: Zlib.Wrapper, place: String) throws(ApusError) {
        let library = try ZlibLibrary.shared.get()
        let stream = UnsafeMutablePointer<ZlibStream>.allocate(capacity: 1)
        stream.initialize(to: ZlibStream())
        let size = Int32(MemoryLayout<ZlibStream>.size)
        guard library.inflateInit(stream, wrapper.windowBits, ZlibLibrary.version, size) == 0 else {
            stream.deallocate()
            throw Zlib.outOfMemory("expanding \(input.count) bytes")
        }
        (self.library, self.input, self.wrapper) = (library, input, wrapper)
        (self.place, self.stream) = (place, stream)
    }

    deinit {
        _ = library.inflateEnd(stream)
        stream.deallocate()
    }

    /// The next `count` bytes; an error if there are fewer.
    package mutating func read(exactly count: Int) throws(ApusError) -> [UInt8] {
        let output = try read(upTo: count)
        guard output.count == count else {
            throw ApusError(
                .format, in: place,
                "the compressed data ends \(count - output.count) bytes early (byte \(input.count) of it)",
                remedy: "the file is damaged: copy or write it again")
        }
        return output
    }

    /// The next bytes, `limit` at most. Memory is taken as bytes arrive, not on the strength of what a header claims.
    package mutating func read(upTo limit: Int) throws(ApusError) -> [UInt8] {
        var output: [UInt8] = []
        // Deflate never expands more than 1032-fold.
        let possible = (input.count - consumed).multipliedReportingOverflow(by: 1032)
        output.reserveCapacity(min(limit, possible.overflow ? limit : possible.partialValue, 4 << 20))
        var chunk = [UInt8](repeating: 0, count: min(max(limit, 1), 1 << 17))
        while output.count < limit, !ended {
            let status = step(&chunk, min(chunk.count, limit - output.count), &output)
            switch status {
            case 0: break
            case 1: try finishMember()
            default: throw failure(status)
            }
        }
        return output
    }

    private mutating func step(_ chunk: inout [UInt8], _ room: Int, _ output: inout [UInt8]) -> Int32 {
        let (offset, stream, library) = (consumed, stream, library)
        let (used, written, status) = input.withUnsafeBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { chunk in
                let piece = min(input.count - offset, 1 << 30)
                stream.pointee.nextIn = input.baseAddress.map { $0 + offset }
                stream.pointee.availableIn = UInt32(piece)
                stream.pointee.nextOut = chunk.baseAddress
                stream.pointee.availableOut = UInt32(room)
                let status = library.inflate(stream, 0)
                return (piece - Int(stream.pointee.availableIn), room - Int(stream.pointee.availableOut), status)
            }
        }
        consumed += used
        output += chunk[..<written]
        return status
    }

    /// A gzip file may hold several compressed streams in a row.
    private mutating func finishMember() throws(ApusError) {
        if wrapper == .gzip, input.count - consumed >= 2, input[consumed] == 0x1f, input[consumed + 1] == 0x8b {
            guard library.inflateReset(stream) == 0 else { throw Zlib.outOfMemory("expanding \(input.count) bytes") }
        } else {
            ended = true
        }
    }

    private func failure(_ status: Int32) -> ApusError {
        if status == -4 { return Zlib.outOfMemory("expanding \(input.count) bytes") }
        let problem: String
        if status == -5 {
            problem = "the compressed data ends in the middle (byte \(consumed))"
        } else {
            let reason = stream.pointee.message.map { String(cString: $0) } ?? "zlib error \(status)"
            problem = "the compressed data is damaged: \(reason) (compressed byte \(consumed))"
        }
        return ApusError(.format, in: place, problem, remedy: "the file is damaged: copy or write it again")
    }
}

/// zlib's `z_stream`, field by field.
private struct ZlibStream {
    var nextIn: UnsafePointer<UInt8>?
    var availableIn: UInt32 = 0
    var totalIn: UInt = 0
    var nextOut: UnsafeMutablePointer<UInt8>?
    var availableOut: UInt32 = 0
    var totalOut: UInt = 0
    var message: UnsafePointer<CChar>?
    var state: UnsafeMutableRawPointer?
    var allocate: UnsafeMutableRawPointer?
    var free: UnsafeMutableRawPointer?
    var opaque: UnsafeMutableRawPointer?
    var dataType: Int32 = 0
    var adler: UInt = 0
    var reserved: UInt = 0
}

/// The functions of zlib that are used.
private struct ZlibLibrary: Sendable {
    typealias Stream = UnsafeMutableRawPointer
    typealias Version = UnsafePointer<CChar>
    typealias Step = @convention(c) @Sendable (Stream, Int32) -> Int32
    typealias End = @convention(c) @Sendable (Stream) -> Int32
    typealias InflateInit = @convention(c) @Sendable (Stream, Int32, Version, Int32) -> Int32
    typealias DeflateInit =
        @convention(c) @Sendable (Stream, Int32, Int32, Int32, Int32, Int32, Version, Int32) -> Int32

    let inflateInit: InflateInit
    let inflate: Step
    let inflateReset: End
    let inflateEnd: End
    let deflateInit: DeflateInit
    let deflate: Step
    let deflateEnd: End

    /// The version of the interface, of which zlib compares the first digit.
    static let version = "1"

    static let shared = Result { () throws(ApusError) in try ZlibLibrary() }

    private init() throws(ApusError) {
        let library = try DynamicLibrary(
            "zlib", names: ["libz.so.1", "libz.so", "/usr/lib/libz.1.dylib", "/opt/homebrew/opt/zlib/lib/libz.dylib"],
            debian: "zlib1g", homebrew: "zlib")
        inflateInit = try library.function("inflateInit2_", as: InflateInit.self)
        inflate = try library.function("inflate", as: Step.self)
        inflateReset = try library.function("inflateReset", as: End.self)
        inflateEnd = try library.function("inflateEnd", as: End.self)
        deflateInit = try library.function("deflateInit2_", as: DeflateInit.self)
        deflate = try library.function("deflate", as: Step.self)
        deflateEnd = try library.function("deflateEnd", as: End.self)
    }
}
