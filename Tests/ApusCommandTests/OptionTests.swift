import Apus
import Foundation
import Testing

/// Mistakes on the command line: one line on standard error, nothing on standard output, and an exit code: 64 where the
/// options can't be read, else 1.
@Suite struct OptionTests {
    static let mistakes: [(arguments: [String], status: Int32, message: String)] = [
        (["dance"], 64, "Unexpected argument 'dance'; see apus --help"),
        (["train", "--epoch", "3"], 64, "Unknown option '--epoch'. Did you mean '--epochs'?; see apus train --help"),
        (
            ["train", "--epochs", "many"], 64,
            "The value 'many' is invalid for '--epochs <epochs>'; see apus train --help"
        ),
        (["train", "--seed=-1"], 64, "The value '-1' is invalid for '--seed <seed>'; see apus train --help"),
        (["train", "--batch"], 64, "Missing value for '--batch <batch>'; see apus train --help"),
        (["train", "more"], 64, "Unexpected argument 'more'; see apus train --help"),
        (["evaluate"], 64, "Missing expected argument '<model>'; see apus evaluate --help"),
        (["predict", "a"], 64, "Missing expected argument '<input>'; see apus predict --help"),
        (["train", "--epochs", "0"], 1, "option --epochs: 0 epochs; use 1 to 100000"),
        (["train", "--batch", "0"], 1, "option --batch: 0 samples a batch; use 1 to 1048576"),
        (["train", "--threads", "0"], 1, "option --threads: 0 threads; use 1 to 256"),
        (
            ["train", "--optimizer", "magic"], 1,
            "option --optimizer: \"magic\" is not known; use adam, adamw, sgd, momentum or nesterov"
        ),
        (["train", "--learning-rate", "0"], 1, "option --learning-rate: a rate of 0.0; use a number above 0"),
        (["train", "--learning-rate", "nan"], 1, "option --learning-rate: a rate of nan; use a number above 0"),
        (["train", "--schedule", "odd"], 1, "option --schedule: \"odd\" is not known; use cosine or constant"),
        (
            ["train", "--model", "vgg"], 1,
            "model vgg: there is no model of this name; "
                + "use linear, mlp, cnn, lenet5, resnet18, densenet, mobilenetv2, or a notation such as \"C16 B R P L10\""
        ),
        (
            ["train", "--model", "C16 Y7"], 1,
            "network notation: column 5: \"Y7\" is not known; "
                + "use C16 (or C16k5s2), B, R, T, S, P, A, GAP, D0.5, F, L10, or a name that apus layers lists"
        ),
        (
            ["train", "--data", "nowhere"], 1,
            "data set nowhere: there is no data set and no folder of this name; "
                + "use digits, mnist, fashion-mnist, or the path of a folder with IDX files"
        ),
        (
            ["train", "--data", "empty"], 1,
            "data set empty: the file train-images-idx3-ubyte (or .gz) is missing; "
                + "put the four IDX files of the data set into one folder"
        ),
        (
            ["train", "--samples", "3"], 1,
            "digits: 3 images are asked for; ask for 6 to 10000000, of which one in six is for testing"
        ),
        (
            ["train", "--output", "/dev/null/runs", "--samples", "60"], 1,
            "folder /dev/null/runs: it can't be made: Not a directory; choose another with --output"
        ),
        (
            ["train", "--output", "text", "--samples", "60"], 1,
            "folder text: it is no folder that can be written to; choose another with --output"
        ),
        (
            ["train", "--model", "C4 R L3", "--samples", "60"], 1,
            "data set digits: its labels reach 9, but the model's output [50, 3] tells 3 classes apart; "
                + "give the last layer at least 10 units, or number the classes from 0"
        ),
        (
            ["train", "--model", "C4 R", "--samples", "60"], 1,
            "softmaxCrossEntropy: logits of shape [50, 28, 28, 4] with labels of shape [50] and type int32; "
                + "give integer labels of the logits' shape without its last axis"
        ),
        (
            ["train", "--model", "P20 P20 L10", "--samples", "60"], 1,
            "operation maxPool (layer maxpool2d2): the window [20, 20] with dilation [1, 1] reaches over 20 cells of "
                + "spatial axis 0, images [1, 1] with padding (0, 0) have 1; "
                + "use a smaller kernel, larger images or padding"
        ),
        (
            ["evaluate", "none.safetensors"], 1,
            "safetensors file none.safetensors: it can't be opened: No such file or directory (errno 2); "
                + "check the path (relative ones start at the current directory) and the permissions"
        ),
        (
            ["evaluate", "text"], 1,
            "safetensors file text: the header claims 2333181702071481713 bytes, but 100000000 are the most allowed "
                + "(byte 0); this is not a safetensors file, or it is damaged"
        ),
        (
            ["predict", "foreign.safetensors", "1"], 1,
            "model file foreign.safetensors: it does not say which network it holds; use a file written by apus train"
        ),
        (
            ["summary", "wide.safetensors"], 1,
            "model file wide.safetensors: its input \"65536,65536,3\" or its classes can't be read; "
                + "use a file written by apus train"
        ),
        (
            ["summary", "strange.safetensors"], 1,
            "model file strange.safetensors: its numbers do not make a network \"linear\" from inputs [4] to 3 classes: "
                + "it was built with shape [2, 3], this input needs [4, 3]; use a file written by apus train"
        ),
        (
            ["summary", "short.safetensors"], 1,
            "model file short.safetensors: its numbers do not make a network \"L3\" from inputs [2] to 4 classes: "
                + "output [1, 3]; use a file written by apus train"
        ),
        (["summary", "cnn", "--classes", "0"], 1, "option --classes: 0 classes; use 1 to 1000000"),
        (
            ["summary", "cnn", "--input", "28,x"], 1,
            "option --input: \"28,x\" is not a list of extents; "
                + "write numbers from 1 to 65536 with commas, such as 28,28,1"
        ),
        (
            ["summary", "cnn", "--input", "28,28"], 1,
            "layer Conv2D (layer conv2d1): an input of shape [1, 28, 28]; "
                + "feed [batch, height, width, channels]"
        ),
    ]

    /// The files that the mistakes are about.
    private func prepare() throws -> WorkFolder {
        let folder = try WorkFolder()
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
        try Data("quite a long text".utf8).write(to: folder.url.appendingPathComponent("text"))
        let weight = ("dense1.weight", try RawArray([Float](repeating: 0, count: 6), shape: [2, 3]))
        let bias = ("dense1.bias", try RawArray([Float](repeating: 0, count: 3), shape: [3]))
        func write(_ name: String, _ metadata: [String: String]) throws {
            try Safetensors.write([weight, bias], metadata: metadata, to: folder.path(name))
        }
        try write("foreign.safetensors", [:])
        try write("wide.safetensors", ["model": "linear", "input": "65536,65536,3", "classes": "a"])
        try write("strange.safetensors", ["model": "linear", "input": "4", "classes": "a\nb\nc"])
        try write("short.safetensors", ["model": "L3", "input": "2", "classes": "a\nb\nc\nd"])
        return folder
    }

    @Test func mistakesEndInOneLineAndAnExitCode() throws {
        let folder = try prepare()
        for (arguments, status, message) in Self.mistakes {
            let run = try folder.run(arguments)
            #expect(run.status == status, "apus \(arguments.joined(separator: " "))")
            #expect(run.errors.split(separator: "\n").last.map(String.init) == "error: \(message)")
            let hasStarted = run.output.contains("dense1") || run.output.contains("conv2d1")
            #expect(run.errorLines.count == 1 && (run.output.isEmpty || hasStarted))
        }
    }

    @Test func mistakesLeaveStandardOutputEmptyWithJSON() throws {
        let folder = try prepare()
        for arguments in [
            ["train", "--model", "C4 R L3", "--samples", "60"], ["evaluate", "none.safetensors"],
            ["predict", "foreign.safetensors", "1"], ["summary", "vgg"], ["version", "--threads", "0"],
        ] {
            let run = try folder.run(arguments + ["--json"])
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errorLines.last?.hasPrefix("error: ") == true)
        }
    }

    @Test func indicesAndImagesThatAreNotThereAreRefused() throws {
        let folder = try prepare()
        let train = try folder.run("train", "--model", "linear", "--samples", "60", "--epochs", "1", "--output", "out")
        try #require(train.status == 0)
        func message(_ input: String) throws -> String? {
            let run = try folder.run("predict", "out/model.safetensors", input)
            #expect(run.status == 1 && run.output.isEmpty && run.errorLines.count == 1)
            return run.errorLines.first.map(String.init)
        }
        #expect(try message("2000") == "error: data set digits: sample 2000 of 2000; use an index in 0..<2000")
        #expect(try message("none.png")?.hasPrefix("error: image file none.png: it can't be opened") == true)
        let kind = "error: image file text: no kind of picture file begins with the bytes"
        #expect(try message("text")?.hasPrefix(kind) == true)
    }
}
