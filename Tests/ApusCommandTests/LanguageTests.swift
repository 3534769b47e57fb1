import Apus
import Foundation
import Testing

/// Language models on the command line, on a text so small that they learn it by heart.
@Suite struct LanguageTests {
    private static let verse = String(repeating: "to be or not to be, that is the question. ", count: 40)

    private func prepare() throws -> WorkFolder {
        let folder = try WorkFolder()
        try Data(Self.verse.utf8).write(to: folder.url.appendingPathComponent("verse.txt"))
        try Data([0x61, 0xff, 0x62]).write(to: folder.url.appendingPathComponent("odd.txt"))
        try Data("short".utf8).write(to: folder.url.appendingPathComponent("short.txt"))
        return folder
    }

    @Test func aTextIsLearntAndContinued() throws {
        let folder = try prepare()
        let train = try folder.run(
            "train", "--model", "gpt_small", "--data", "verse.txt", "--epochs", "2", "--batch", "4", "--prompt",
            "to be",
            "--length", "20", "--output", "out", "--json")
        #expect(train.status == 0, "\(train.errors)")
        let result = try train.object()
        #expect(result["prompt"]?.string == "to be")
        #expect(result["text"]?.string?.count == 20)
        #expect(result["steps"]?.integer == 6)
        let loss = try #require(result["test_loss"]?.double)
        #expect(loss < 3.2 && loss > 0)

        let model = "out/model.safetensors"
        let evaluated = try folder.run("evaluate", model, "--data", "verse.txt", "--json").object()
        #expect(abs((evaluated["test_loss"]?.double ?? 9) - loss) < 1e-4)
        func generate(_ options: String...) throws -> String? {
            try folder.run(["generate", model, "--length", "30", "--json"] + options).object()["text"]?.string
        }
        let first = try generate("--prompt", "that", "--seed", "3")
        #expect(first?.count == 30)
        #expect(try generate("--prompt", "that", "--seed", "3") == first)
        #expect(try generate("--prompt", "that", "--temperature", "0") == generate("--prompt", "that", "--top-k", "1"))
        let shown = try folder.run("generate", model, "--prompt", "that", "--length", "30", "--seed", "3")
        #expect(shown.output == "that\(first ?? "")\n")
        #expect(try folder.run("summary", model).output.contains("feedForward") == false)
        #expect(try folder.run("summary", "gpt_small").output.hasSuffix("3,225,600 trainable parameters\n"))

        let other = try folder.run("generate", model, "--prompt", "TO BE")
        #expect(other.status == 1 && other.output.isEmpty)
        #expect(
            other.errors == "error: CharacterVocabulary: \"T\" is not among its 15 characters; "
                + "make it from all texts, or leave the character out\n")
        #expect(
            try folder.run("predict", model, "1").errors
                == "error: model file out/model.safetensors: it holds a language model; "
                + "use apus generate, apus evaluate or apus summary\n")
    }

    @Test func mistakesSayWhatToDo() throws {
        let folder = try prepare()
        for (arguments, message) in [
            (
                ["--model", "gpt_small", "--data", "odd.txt"],
                "text odd.txt: it is not UTF-8; save it as a text in UTF-8"
            ),
            (
                ["--model", "gpt_small", "--data", "none.txt"],
                "text none.txt: there is no text and no file of this name; use tiny-shakespeare, or the path of a text file"
            ),
            (
                ["--model", "gpt_small", "--data", "short.txt", "--prompt", "s"],
                "CharacterVocabulary: pieces of 128 with step 128 of 4 characters; "
                    + "use a length and a step of 1 or more, and a text that is longer than a piece"
            ),
            (
                ["--data", "tiny-shakespeare"],
                "data set tiny-shakespeare: it is a text; train a language model such as gpt_small on it"
            ),
            (["--temperature", "nan"], "option --temperature: a temperature of nan; use 0 or more"),
            (["--length", "0"], "option --length: 0 characters; use 1 to 1000000"),
            (["--top-k", "0"], "option --top-k: 0 characters; use 1 or more"),
            (["--prompt", ""], "option --prompt: it is empty; give at least one character"),
        ] {
            let run = try folder.run(["train"] + arguments)
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors == "error: \(message)\n")
        }
        let plain = [("weight", try RawArray([Float](repeating: 0, count: 6), shape: [2, 3]))]
        try Safetensors.write(plain, metadata: [:], to: folder.path("plain.safetensors"))
        try Safetensors.write(
            plain, metadata: ["model": "gpt_small", "vocabulary": "[\"a\",\"bc\"]"], to: folder.path("odd.safetensors"))
        #expect(
            try folder.run("generate", "plain.safetensors").errors
                == "error: model file plain.safetensors: it holds no language model; "
                + "use a file that apus train --model gpt_small wrote\n")
        #expect(
            try folder.run("generate", "odd.safetensors").errors
                == "error: model file odd.safetensors: its vocabulary or its model \"gpt_small\" can't be read; "
                + "use a file that apus train --model gpt_small wrote\n")
    }
}
