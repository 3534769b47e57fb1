import Apus
import Foundation
import Testing

/// A small model, trained once for all tests that need one.
private enum Trained {
    private static let name = "apus-command-\(UUID().uuidString)"

    static let result = Result { () throws -> (folder: WorkFolder, run: Command.Outcome) in
        let folder = try WorkFolder(name: name)
        // Nothing that is static is ever released.
        atexit { try? FileManager.default.removeItem(at: WorkFolder.url(Trained.name)) }
        let run = try folder.run(
            "train", "--json", "--model", "C6 R P L10", "--samples", "1200", "--epochs", "2", "--batch", "25",
            "--learning-rate", "0.003", "--seed", "7", "--threads", "2", "--output", "out")
        return (folder, run)
    }
}

@Suite struct TrainCommandTests {
    @Test func jsonIsOneObjectWithEveryFigure() throws {
        let (folder, run) = try Trained.result.get()
        #expect(run.status == 0)
        let object = try run.object()
        #expect(run.output.split(separator: "\n").count == 1)
        #expect(
            object.members?.map(\.name) == [
                "test_loss", "test_accuracy", "epochs", "steps", "seconds", "samples_per_second", "peak_memory_bytes",
                "seed", "threads", "model", "report",
            ])
        #expect(object["epochs"]?.integer == 2)
        #expect(object["steps"]?.integer == 2 * 40)
        #expect(object["seed"]?.integer == 7)
        #expect(object["threads"]?.integer == 2)
        #expect(object["model"]?.string == "out/model.safetensors")
        #expect(object["report"]?.string == "out/report.html")
        let accuracy = try #require(object["test_accuracy"]?.double)
        #expect(accuracy > 0.3 && accuracy <= 1)
        for name in ["test_loss", "seconds", "samples_per_second", "peak_memory_bytes"] {
            #expect((object[name]?.double ?? 0) > 0)
        }
        // Everything else goes to standard error.
        #expect(run.errors.contains("conv2d1"))
        #expect(run.errors.contains("epoch 2/2"))
        #expect(FileManager.default.fileExists(atPath: folder.path("out/model.safetensors")))
    }

    @Test func reportNeedsNothingElse() throws {
        let (folder, run) = try Trained.result.get()
        let page = try folder.text("out/report.html")
        let accuracy = try #require(run.object()["test_accuracy"]?.double)
        for text in [
            "<!doctype html>", "<h1>C6 R P L10 <span>on</span> digits</h1>", "<svg ", "<polyline", "Confusion",
            "Worst mistakes", "data:image/png;base64,iVBORw0KGgo", "seen as", "conv2d1", "1,000 training samples",
            "seed 7", "</html>", String(format: "%.2f %%", accuracy * 100),
        ] {
            #expect(page.contains(text), "\(text) is missing")
        }
        for text in ["http:", "https:", "<script", "<link", "src=\"/", "url("] {
            #expect(!page.contains(text), "\(text) is there")
        }
        #expect(page.components(separatedBy: "<polyline").count == 5)
        #expect(page.components(separatedBy: "<tr>").count > 10)
    }

    @Test func evaluationFindsWhatTrainingReported() throws {
        let (folder, run) = try Trained.result.get()
        let digits = try DataCatalog.load("digits", seed: 7, count: 1200).test
        let trainer = Trainer(
            try Sequential(notation: "C6 R P L10"), loss: .softmaxCrossEntropy, optimizer: .sgd(), metrics: [.accuracy])
        try trainer.model.load(from: folder.path("out/model.safetensors"))
        let outcome = try trainer.evaluate(digits)
        let object = try run.object()
        #expect(outcome.metrics["accuracy"] == object["test_accuracy"]?.double)
        #expect(abs(outcome.loss - (object["test_loss"]?.double ?? 0)) < 1e-6)
    }

    @Test func evaluateTestsOnOtherDigits() throws {
        let (folder, _) = try Trained.result.get()
        let run = try folder.run("evaluate", "out/model.safetensors", "--json", "--seed", "3")
        #expect(run.status == 0 && run.errors.isEmpty)
        let object = try run.object()
        #expect(
            object.members?.map(\.name) == ["test_loss", "test_accuracy", "samples", "seconds", "model", "data"])
        #expect(object["samples"]?.integer == 2000)
        #expect((object["test_accuracy"]?.double ?? 0) > 0.3)
        let plain = try folder.run("evaluate", "out/model.safetensors", "--seed", "3")
        #expect(plain.status == 0 && plain.errors.isEmpty)
        #expect(plain.output.contains("recall"))
        #expect(plain.output.contains("on 2,000 samples of digits"))
    }

    @Test func predictionsOfAnIndexAndOfItsImageAgree() throws {
        let (folder, _) = try Trained.result.get()
        let sample = try Digits.generate(count: 12_000, seed: 1).test.image(at: 5)
        try AtomicFile.write(PNG.encode(sample), to: folder.path("five.png"))
        var answers: [JSON] = []
        for input in ["5", "five.png"] {
            let run = try folder.run("predict", "out/model.safetensors", input, "--json")
            #expect(run.status == 0 && run.errors.isEmpty)
            let object = try run.object()
            let probabilities = try #require(object["probabilities"]?.members)
            #expect(probabilities.map(\.name) == (0...9).map(String.init))
            #expect(abs(probabilities.reduce(0) { $0 + ($1.value.double ?? 0) } - 1) < 1e-5)
            let best = probabilities.max { ($0.value.double ?? 0) < ($1.value.double ?? 0) }
            #expect(object["prediction"]?.string == best?.name)
            #expect(object["class"]?.integer.map(String.init) == best?.name)
            answers.append(object)
        }
        #expect(answers[0]["prediction"] == answers[1]["prediction"])
        let pair = answers.map { $0["probability"]?.double ?? 0 }
        #expect(abs(pair[0] - pair[1]) < 1e-5)
        // Only the sample of a data set has a label.
        let label = try #require(DataCatalog.load("digits", seed: 1).test.label(at: 5))
        #expect(answers[0]["label"]?.string == "\(label)" && answers[1]["label"] == nil)
        let plain = try folder.run("predict", "out/model.safetensors", "5")
        #expect(plain.status == 0 && plain.errors.isEmpty)
        #expect(plain.output.contains("label: \(label)"))
        #expect(plain.output.split(separator: "\n").count == 14 + 5 + 1)
    }

    @Test func withoutJSONEverythingIsOnStandardOutput() throws {
        let folder = try WorkFolder()
        let run = try folder.run(
            "train", "--model", "linear", "--samples", "60", "--epochs", "1", "--optimizer", "nesterov", "--schedule",
            "constant")
        #expect(run.status == 0 && run.errors.isEmpty)
        for text in ["dense1", "7,850 trainable parameters", "epoch 1/1", "recall", "test accuracy"] {
            #expect(run.output.contains(text), "\(text) is missing")
        }
        // No control characters where nobody looks.
        #expect(!run.output.contains("\u{1b}") && !run.output.contains("\r"))
        #expect(run.output.contains("model   runs/digits-linear-1/model.safetensors"))
        #expect(run.output.contains("report  runs/digits-linear-1/report.html"))
        #expect(FileManager.default.fileExists(atPath: folder.path("runs/digits-linear-1/report.html")))
    }

    @Test func sameSeedGivesTheSameFile() throws {
        let folder = try WorkFolder()
        var files: [Data] = []
        for threads in ["1", "2", "3"] {
            let run = try folder.run(
                "train", "--model", "cnn", "--samples", "120", "--epochs", "1", "--batch", "32", "--threads", threads,
                "--output", threads, "--json")
            #expect(run.status == 0)
            files.append(try Data(contentsOf: folder.url.appendingPathComponent("\(threads)/model.safetensors")))
        }
        #expect(files[0] == files[1] && files[1] == files[2])
    }
}

@Suite struct DescriptionCommandTests {
    @Test func summaryListsTheLayers() throws {
        let folder = try WorkFolder()
        let run = try folder.run("summary", "lenet5")
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.output.contains("conv2d2     Conv2D 16 maps, 5x5, relu  [1, 10, 10, 16]"))
        #expect(run.output.hasSuffix("input [1, 28, 28, 1]: 61,706 trainable parameters\n"))
        let object = try folder.run("summary", "resnet18", "--json").object()
        #expect(object["trainable"]?.integer == 11_173_962)
        #expect(object["input"]?.elements?.compactMap(\.integer) == [1, 32, 32, 3])
        #expect(object["layers"]?.elements?.count == 13)
        let notation = try folder.run("summary", "C8 GAP L4", "--input", "9,7,2", "--json").object()
        #expect(notation["trainable"]?.integer == 8 * 18 + 8 + 36)
        #expect(notation["layers"]?[1]?["path"]?.string == "globalaveragepool2d1")
    }

    @Test func summaryReadsModelFiles() throws {
        let (folder, _) = try Trained.result.get()
        let object = try folder.run("summary", "out/model.safetensors", "--json").object()
        #expect(object["trainable"]?.integer == 60 + 14 * 14 * 6 * 10 + 10)
    }

    @Test func versionNamesTheInstructionSet() throws {
        let folder = try WorkFolder()
        let plain = try folder.run("version", "--threads", "3")
        #expect(plain.status == 0)
        #expect(plain.output == "apus 0.1.0 (\(Device.instructionSet), 3 threads)\n")
        let object = try folder.run("version", "--json", "--threads", "3").object()
        #expect(object.members?.map(\.name) == ["version", "instruction_set", "threads"])
        #expect(object["threads"]?.integer == 3)
    }

    @Test func helpIsNoMistake() throws {
        let folder = try WorkFolder()
        for arguments in [[], ["--help"], ["train", "--help"], ["help", "predict"]] as [[String]] {
            let run = try folder.run(arguments)
            #expect(run.status == 0 && run.errors.isEmpty)
            #expect(run.output.contains("USAGE: apus"))
        }
    }
}
