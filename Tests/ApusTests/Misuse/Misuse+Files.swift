import Apus
import Foundation
import TestSupport

/// Files that are not there, cut short, too long, damaged, or can't be written.
extension Misuse {
    /// Writes bytes to a file that goes again, and hands its path over; in the message it is called `FILE`.
    private static func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let folder = TemporaryFolder()
        let path = folder.file("a")
        try AtomicFile.write(bytes, to: path)
        do {
            try body(path)
        } catch let error as ApusError {
            throw ApusError(
                error.kind, in: error.place.replacingOccurrences(of: path, with: "FILE"),
                error.problem.replacingOccurrences(of: path, with: "FILE"), remedy: error.remedy)
        }
    }

    private static func array() throws -> RawArray { try RawArray([Float(1), 2, 3, 4], shape: [2, 2]) }

    private static func zip() throws -> [UInt8] {
        let folder = TemporaryFolder()
        try Npz.write([("x", array())], to: folder.file("a.npz"))
        return try ByteSource(path: folder.file("a.npz")).bytes()
    }

    static let fileRows: [Row] = [
        Row(
            "a file that is not there",
            "IDX file /nowhere/images: it can't be opened: No such file or directory (errno 2); check the "
                + "path (relative ones start at the current directory) and the permissions"
        ) { _ = try IDX.read("/nowhere/images") },
        Row(
            "a folder in place of a file",
            "npy file /: it is a directory, not a file; give the path of a regular file"
        ) { _ = try Npy.read("/") },
        Row(
            "an IDX file cut short",
            "IDX file FILE: shape [2, 2] of float32 takes 16 bytes, but 13 follow the header (byte 12); "
                + "the file is damaged or cut short: copy it again"
        ) {
            try withFile(Array(IDX.encode(array()).dropLast(3))) { _ = try IDX.read($0) }
        },
        Row(
            "an IDX file cut in its header",
            "IDX file FILE: it ends in the header: extent 0 of 2 is missing (byte 4); the file is cut short: copy "
                + "it again"
        ) {
            try withFile(Array(IDX.encode(array()).prefix(7))) { _ = try IDX.read($0) }
        },
        Row(
            "an IDX file that is too long",
            "IDX file FILE: shape [2, 2] of float32 takes 16 bytes, but more follow the header (byte 12); "
                + "the file is damaged or cut short: copy it again"
        ) {
            try withFile(IDX.encode(array()) + [0]) { _ = try IDX.read($0) }
        },
        Row(
            "an IDX file that is none",
            "IDX file FILE: it does not begin with 0, 0 and a known type (byte 0); this is not an IDX "
                + "file, or it is damaged"
        ) { try withFile(Array("text".utf8)) { _ = try IDX.read($0) } },
        Row(
            "an IDX file of an impossible shape",
            "IDX file FILE: its header claims the impossible shape [4294967295, 4294967295, 4294967295] (byte 4); "
                + "the file is damaged: copy it again"
        ) {
            try withFile([0, 0, 14, 3] + [UInt8](repeating: 0xff, count: 12)) { _ = try IDX.read($0) }
        },
        Row(
            "a compressed IDX file that is damaged",
            "IDX file FILE: the compressed data is damaged: incorrect data check (compressed byte 36); "
                + "the file is damaged: copy or write it again"
        ) {
            var bytes = try Zlib.deflate(IDX.encode(array()), wrapper: .gzip)
            bytes[bytes.count - 5] ^= 0x10
            try withFile(bytes) { _ = try IDX.read($0) }
        },
        Row(
            "an npy file cut short",
            "npy file FILE: shape [2, 2] of float32 takes 16 bytes, but 15 follow the header (byte 128); "
                + "the file is damaged or cut short: copy or save it again"
        ) {
            try withFile(Array(Npy.encode(array()).dropLast(1))) { _ = try Npy.read($0) }
        },
        Row(
            "an npy file that is too long",
            "npy file FILE: shape [2, 2] of float32 takes 16 bytes, but 18 follow the header (byte 128); "
                + "the file is damaged or cut short: copy or save it again"
        ) {
            try withFile(Npy.encode(array()) + [1, 2]) { _ = try Npy.read($0) }
        },
        Row(
            "an npy file that is damaged",
            "npy file FILE: its elements are records of several fields (byte 20); save each field as an "
                + "array of its own"
        ) {
            var bytes = try Npy.encode(array())
            bytes[20] = 0x21
            try withFile(bytes) { _ = try Npy.read($0) }
        },
        Row(
            "an npz file cut short",
            "npz file FILE: it has no zip directory at its end; this is not a zip archive, or it is cut "
                + "short: copy or write it again"
        ) { try withFile(Array(zip().dropLast(30))) { _ = try NpzFile(path: $0) } },
        Row(
            "an npz file that is damaged",
            "npz file FILE, entry \"x.npy\": its checksum is a2c27b16, but the archive says 7520fb4e; the "
                + "archive is damaged: copy or write it again"
        ) {
            var bytes = try zip()
            bytes[160] ^= 1
            try withFile(bytes) { _ = try NpzFile(path: $0).arrays() }
        },
        Row(
            "an array that the npz file lacks",
            "npz file FILE: it holds no array \"y\", but \"x\"; use one of these names"
        ) { try withFile(zip()) { _ = try NpzFile(path: $0).array("y") } },
        Row(
            "a safetensors file cut short",
            "safetensors file FILE: array \"x\" ends at byte 16 of the data, but the data has 12 bytes; "
                + "the file is damaged or cut short: copy or save it again"
        ) {
            try withFile(Array(Safetensors.encode([("x", array())]).dropLast(4))) { _ = try SafetensorsFile(path: $0) }
        },
        Row(
            "a safetensors file that is too long",
            "safetensors file FILE: 1 bytes follow the last array (byte 88); the file is damaged or cut "
                + "short: copy or save it again"
        ) {
            try withFile(Safetensors.encode([("x", array())]) + [0]) { _ = try SafetensorsFile(path: $0) }
        },
        Row(
            "a safetensors file that is damaged",
            "safetensors file FILE: the end of the text is wanted, but there is \"x\" (JSON, byte 10); "
                + "write the file again with the program that made it, or mend the JSON"
        ) {
            var bytes = try Safetensors.encode([("x", array())])
            bytes[9] = 0x7d
            try withFile(bytes) { _ = try SafetensorsFile(path: $0) }
        },
        Row(
            "a safetensors file with a giant header",
            "safetensors file FILE: the header claims 18446744073709551615 bytes, but 100000000 are the "
                + "most allowed (byte 0); this is not a safetensors file, or it is damaged"
        ) {
            try withFile([UInt8](repeating: 0xff, count: 16)) { _ = try SafetensorsFile(path: $0) }
        },
        Row(
            "an array that the safetensors file lacks",
            "safetensors file FILE: it holds no array \"y\", but \"x\"; use one of these names"
        ) {
            try withFile(Safetensors.encode([("x", array())])) { _ = try SafetensorsFile(path: $0).array("y") }
        },
        Row(
            "a model file of another model",
            "model file FILE: it has the parameter x, the model does not; load it into the model it was "
                + "saved from"
        ) {
            try withFile(Safetensors.encode([("x", array())])) { try Sequential.mlp().load(from: $0) }
        },
        Row(
            "a model saved before it has numbers",
            "model file /tmp/never: the parameter dense1.weight has no value; call the model once, or "
                + "build(inputShape:), before saving it, and leave out unused layers"
        ) { try Sequential.mlp().save(to: "/tmp/never") },
        Row(
            "a model saved where there is no folder",
            "output file /nowhere/model: no file can be created in the directory /nowhere: No such file "
                + "or directory (errno 2); create the directory, choose another, or change its permissions"
        ) {
            let model = Sequential { Dense(1) }
            try model.build(inputShape: [1, 1])
            try model.save(to: "/nowhere/model")
        },
        Row(
            "a file written over a folder",
            "output file /tmp: something is there that is not a file; choose another name"
        ) { try Npy.write(array(), to: "/tmp") },
        Row(
            "an image that is none",
            "image file FILE: no kind of picture file begins with the bytes 74 65 78 74 (byte 0); convert "
                + "it to PNG or JPEG"
        ) { try withFile(Array("text".utf8)) { _ = try Image(path: $0) } },
        Row(
            "an image without pixels",
            "image: width 0, height 3 and 1 channels make no picture; give positive sizes and 1, 3 or 4 "
                + "channels"
        ) { _ = try Image(width: 0, height: 3, channels: 1, pixels: []) },
        Row(
            "an element type that the format lacks",
            "IDX file: the format has no bool of shape [1]; convert to uint8, int32 or float32"
        ) {
            _ = try IDX.encode(RawArray(.bool, shape: [1], bytes: [1]))
        },
        Row(
            "bytes that do not fill the shape",
            "array: shape [3] of float32 takes 12 bytes, but there are 2; give one value per element"
        ) { _ = try RawArray(.float32, shape: [3], bytes: [1, 2]) },
    ]
}
