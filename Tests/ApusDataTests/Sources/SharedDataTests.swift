import ApusCore
import ApusData
import TestSupport
import Testing

/// The real data sets of the shared folder, with the counts that their descriptions name; those of ONNX are read in
/// `Tests/Products`.
@Suite struct SharedDataTests {
    @Test func mushroomsAreRead() throws {
        guard let path = SharedFiles.path("mushroom/agaricus-lepiota.data") else { return }
        let table = try CSV.read(path)
        #expect(table.count == 8124 && table.columns.count == 23 && table.columns[0].name == "column1")
        let edible = try table["column1"]
        #expect(edible.categories == ["e", "p"])
        #expect((0..<8124).count { edible.text(at: $0) == "e" } == 4208)
        #expect(table.columns.map(\.missingCount).reduce(0, +) == 2480)
        #expect(try table["column12"].missingCount == 2480)
        let data = try table.dataset(target: "column1")
        #expect(data.count == 8124 && data.classNames == ["e", "p"] && data.inputShape == [117])
    }

    @Test func incomesAreRead() throws {
        guard let train = SharedFiles.path("adult/adult.data"), let test = SharedFiles.path("adult/adult.test") else {
            return
        }
        for (path, rows, rich, label, missing) in [
            (train, 32_561, 7841, ">50K", 2399), (test, 16_281, 3846, ">50K.", 1221),
        ] {
            let table = try CSV.read(path, .init(comment: "|"))
            #expect(table.count == rows && table.columns.count == 15)
            let target = try table["column15"]
            #expect((0..<rows).count { target.text(at: $0) == label } == rich)
            #expect(table.count - (try table.droppingMissing().count) == missing)
        }
    }

    @Test(arguments: [
        ("iris.csv", 150, 5, false, 0), ("wine.csv", 178, 14, false, 0),
        ("breast-cancer-wisconsin.csv", 699, 10, false, 16), ("winequality-red.csv", 1599, 12, false, 0),
        ("winequality-white.csv", 4898, 12, false, 0), ("boston-housing.csv", 506, 14, false, 0),
        ("california-housing.csv", 20_640, 10, true, 207), ("mpg.csv", 398, 9, true, 6),
        ("penguins.csv", 344, 7, true, 11),
    ])
    func tablesAreRead(name: String, rows: Int, columns: Int, hasHeader: Bool, incomplete: Int) throws {
        guard let path = SharedFiles.path("tabular/\(name)") else { return }
        let table = try CSV.read(path)
        #expect(table.count == rows && table.columns.count == columns)
        #expect((table.columns[0].name == "column1") == !hasHeader)
        #expect(rows - (try table.droppingMissing().count) == incomplete)
    }

    @Test func seriesAreRead() throws {
        guard let airline = SharedFiles.path("timeseries/airline-passengers.csv"),
            let weather = SharedFiles.path("timeseries/daily-min-temperatures.csv"),
            let power = SharedFiles.path("timeseries/ETTh1.csv")
        else { return }
        #expect(try TimeSeries(CSV.read(airline)).count == 144)
        #expect(try TimeSeries(CSV.read(weather)).count == 3650)
        let series = try TimeSeries(CSV.read(power))
        #expect(series.count == 17_420 && series.channels.count == 7 && series.channels.last == "OT")
        let data = try series.steps(0..<1000).windows(input: 96, ahead: 24, targets: ["OT"])
        #expect(data.count == 881 && data.inputShape == [96, 7] && data.targetShape == [24, 1])
        #expect(try data.input(at: 5)[0, 6].item() == Double(series.values[5 * 7 + 6]))
    }

    @Test func cellsAreRead() throws {
        guard let folder = SharedFiles.path("bccd") else { return }
        #expect(throws: ApusError.self) { try VOCDetection(folder: folder) }
        let all = try VOCDetection(folder: folder, policy: .skip)
        #expect(all.count == 364 && all.classNames == ["Platelets", "RBC", "WBC"])
        #expect(all.bad.count == 2)
        #expect(all.bad.map(\.name).allSatisfy { $0.contains("BloodImage_00338") || $0.contains("BloodImage_00343") })
        let kept = try VOCDetection(folder: folder, policy: .replace)
        let counts = (0..<3).map { label in kept.records.reduce(0) { $0 + $1.boxes.count { $0.label == label } } }
        #expect(counts == [361, 4155, 372])
        #expect(kept.records.allSatisfy { $0.boxes.allSatisfy(\.hasArea) })
        for (part, count) in [("train", 205), ("val", 87), ("trainval", 292), ("test", 72)] {
            #expect(try VOCDetection(folder: folder, part: part, policy: .skip).count == count)
        }
        let sample = try all.sample(at: 0)
        #expect(sample.image.width == 640 && sample.image.height == 480 && sample.image.channels == 3)
        #expect(sample.boxes.count > 0)
    }

    @Test func antsAndBeesAreRead() throws {
        guard let folder = SharedFiles.path("hymenoptera") else { return }
        for (part, ants, bees) in [("train", 69, 58), ("val", 32, 38)] {
            let photos = try ImageFolder("\(folder)/\(part)", formats: [.jpeg])
            #expect(photos.classNames == ["ants", "bees"])
            #expect(photos.files.count { $0.label == 0 } == ants && photos.files.count { $0.label == 1 } == bees)
            #expect(photos.ignored.map { $0.hasSuffix("imageNotFound.gif") } == (part == "train" ? [true] : []))
        }
        let all = try ImageFolder("\(folder)/train")
        #expect(all.count == 128 && all.ignored.isEmpty)
        guard let gif = all.files.firstIndex(where: { $0.path.hasSuffix(".gif") }) else {
            Issue.record("the GIF is gone")
            return
        }
        #expect(try all.sample(at: gif).image.width > 0)
    }

    @Test func slicesAreRead() throws {
        guard let folder = SharedFiles.path("isbi2012-membrane/train") else { return }
        let slices = try MaskFolder(images: "\(folder)/image", masks: "\(folder)/label")
        #expect(slices.count == 30 && slices.names.prefix(3) == ["0", "1", "2"] && slices.names.last == "29")
        let sample = try slices.sample(at: 7)
        #expect(sample.image.width == 512 && sample.image.height == 512 && sample.image.channels == 1)
        #expect(Set(sample.mask.pixels) == [0, 255])
    }

    @Test func volumesAreRead() throws {
        guard let folder = SharedFiles.path("hippocampus-nifti") else { return }
        let scans = try VolumeFolder(images: "\(folder)/imagesTr", labels: "\(folder)/labelsTr")
        #expect(scans.count == 80)
        var shapes: Set<[Int]> = []
        var types: [ElementType: Int] = [:]
        for index in 0..<scans.count {
            let sample = try scans.sample(at: index)
            shapes.insert(sample.volume.values.shape)
            types[sample.volume.values.elementType, default: 0] += 1
            #expect(sample.labels.values.elementType == .uint8 && sample.labels.values.bytes.allSatisfy { $0 <= 2 })
            #expect(sample.volume.spacing == [1, 1, 1])
        }
        #expect(shapes.count == 77)
        #expect(types == [.float32: 64, .uint8: 16])
    }

    @Test func papersAreRead() throws {
        guard let folder = SharedFiles.path("cora") else { return }
        let cora = try Graph(planetoid: folder)
        #expect(cora.nodeCount == 2708 && cora.featureCount == 1433 && cora.classCount == 7)
        #expect(cora.edges.count == 5278 && cora.features.map(\.count).reduce(0, +) == 49_216)
        #expect((0..<7).map { label in cora.labels.count { $0 == label } } == [351, 217, 418, 818, 426, 298, 180])
        #expect([cora.train.count, cora.validation.count, cora.test.count] == [140, 500, 1000])
        // The original pickles hold the same.
        let original = try Graph(planetoidPickles: folder, name: "cora")
        #expect(original.features == cora.features && original.labels == cora.labels)
        #expect(original.edges.elementsEqual(cora.edges) { $0 == $1 })
        #expect(original.train == cora.train && original.validation == cora.validation && original.test == cora.test)
        // The form of LINQS: two papers a line, by numbers of their own.
        let links = try CSV.read("\(folder)/cora.cites", .init(separator: "\t", hasHeader: false))
        #expect(links.count == 5429 && links.columns.map(\.type) == [.number, .number])
        #expect(Set(links.columns.flatMap { $0.numbers ?? [] }).count == 2708)
    }

    @Test func sentencesAreRead() throws {
        guard let folder = SharedFiles.path("multi30k"), let tatoeba = SharedFiles.path("tatoeba-cmn-eng/cmn.txt")
        else {
            return
        }
        for (part, count) in [("train", 29_000), ("val", 1014), ("test_2016_flickr", 1000)] {
            for language in ["de", "fr"] {
                let corpus = try ParallelCorpus(
                    source: "\(folder)/\(part).en.gz", target: "\(folder)/\(part).\(language).gz")
                #expect(corpus.count == count)
            }
        }
        #expect(try ParallelCorpus(tabSeparated: tatoeba).count == 26_388)
    }

    @Test func reviewsAreRead() throws {
        guard let path = SharedFiles.path("imdb/aclImdb-10k.tar.gz"),
            let corpus = SharedFiles.path("word2vec-corpus/imdb-unsup.txt.gz"),
            let plays = SharedFiles.path("tiny-shakespeare/input.txt")
        else { return }
        let archive = try TarArchive(path: path)
        for part in ["train", "test"] {
            let reviews = try TextFolder(archive, folder: "aclImdb/\(part)")
            #expect(reviews.classNames == ["neg", "pos"] && reviews.count == 5000)
            #expect(reviews.files.count { $0.label == 1 } == 2500)
            #expect(try reviews.sample(at: 4999).text.count > 50)
        }
        #expect(try TextFile.lines(corpus).count == 10_512)
        let text = try TextFile.read(plays)
        #expect(text.utf8.count == 1_115_394 && Set(text.utf8).count == 65)
    }

    @Test func smallPicturesAreRead() throws {
        guard let folder = SharedFiles.path("cifar10") else { return }
        let batches = "\(folder)/cifar-10-batches-bin"
        let data = try CIFAR.read(
            ["\(batches)/data_batch_1.bin"], classNames: try CIFAR.classNames("\(batches)/batches.meta.txt"))
        #expect(data.count == 4000 && data.inputShape == [32, 32, 3] && data.classNames.first == "airplane")
        #expect((0..<8).map { data.label(at: $0) } == [6, 9, 9, 4, 1, 1, 2, 7])
        let archive = try TarArchive(path: "\(folder)/cifar10-jpeg.tar.gz")
        let names = Set(archive.entries.compactMap { $0.name.split(separator: "/").first.map(String.init) })
        let prefix = names.count == 1 && !names.contains("train") ? names.first.map { $0 + "/" } ?? "" : ""
        for (part, count) in [("train", 50_000), ("test", 10_000)] {
            let images = try ImageFolder(archive, folder: prefix + part)
            #expect(images.count == count && images.classNames == data.classNames)
            #expect(images.files.count { $0.label == 3 } == count / 10)
            if part == "train", let image = try? images.sample(at: 0).image { #expect(image.width == 32) }
        }
    }

    @Test func clothesAndDigitsAreRead() throws {
        for name in ["mnist", "fashion-mnist"] {
            guard let folder = SharedFiles.path(name) else { continue }
            let data = try DataCatalog.idxFolder(folder, name: name)
            #expect(data.train.count == 60_000 && data.test.count == 10_000)
            let counts = (0..<10).map { label in (0..<60_000).count { data.train.label(at: $0) == label } }
            if name == "mnist" {
                #expect(counts == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
            } else {
                #expect(counts == [Int](repeating: 6000, count: 10))
            }
        }
    }

    @Test func arraysAreRead() throws {
        guard let folder = SharedFiles.path("tensor-formats") else { return }
        #expect(try Npy.read("\(folder)/candle/test.npy").values(of: Int64.self) == Array(0..<10))
        #expect(try NpzFile(path: "\(folder)/candle/test.npz").names == ["x", "x_plus_one"])
        #expect(try SafetensorsFile(path: "\(folder)/burn/mnist.safetensors").entries.isEmpty == false)
        let layers = try SafetensorsFile(path: "\(folder)/burn/multi_layer.safetensors")
        #expect(layers.entries.contains { $0.shape.isEmpty && $0.elementType == .int64 })
    }

    @Test(arguments: [
        ("burn/float16.pt", ElementType.float16), ("burn/float32.pt", .float32), ("burn/float64.pt", .float64),
        ("burn/int32.pt", .int32), ("burn/int64.pt", .int64), ("burn/uint8.pt", .uint8), ("burn/bool.pt", .bool),
    ])
    func tensorsOfPyTorchHaveTheirType(name: String, type: ElementType) throws {
        guard let path = SharedFiles.path("tensor-formats/\(name)") else { return }
        let arrays = try PyTorchFile(path: path).arrays()
        #expect(!arrays.isEmpty && arrays.allSatisfy { $0.array.elementType == type && $0.array.count > 0 })
    }

    @Test func filesOfPyTorchAreRead() throws {
        guard let folder = SharedFiles.path("tensor-formats") else { return }
        func file(_ name: String) throws -> PyTorchFile { try PyTorchFile(path: "\(folder)/\(name)") }
        func shapes(_ name: String) throws -> [String: [Int]] {
            Dictionary(try file(name).arrays().map { ($0.name, $0.array.shape) }, uniquingKeysWith: { $1 })
        }
        #expect(
            try shapes("burn/nested_dict.pt")
                == ["layer1.weight": [2, 3], "layer1.bias": [2], "layer2.weight": [4, 2], "layer2.bias": [4]])
        #expect(try file("burn/empty.pt").arrays().allSatisfy { $0.array.count == 0 })
        #expect(try shapes("burn/tensor_4d.pt").values.first?.count == 4)
        #expect(try shapes("burn/scalar.pt").values.first == [])
        #expect(try file("burn/checkpoint.pt").names.contains { $0.hasPrefix("model_state_dict.") })
        #expect(
            Set(try file("burn/modules/batch_norm2d.pt").names.map { String($0.split(separator: ".").last ?? "") })
                == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"])
        #expect(try shapes("burn/simple_legacy.pt") == ["weight": [2, 3], "bias": [2], "running_mean": [2]])
        // Column-major in the file, row-major when it is read.
        let turned = try file("candle/fortran_tensor_3d.pth").arrays()
        #expect(turned.count == 1 && turned[0].array.shape.count == 3)
        #expect(turned[0].array.doubles == turned[0].array.doubles.sorted())
        for name in ["state_dict", "large_shape", "modules/linear_with_bias", "modules/conv2d", "modules/embedding"] {
            #expect(try !file("burn/\(name).pt").arrays().isEmpty, "\(name)")
        }
        #expect(try !file("burn/modules/conv_transpose2d.pt").arrays().isEmpty)
        #expect(try file("candle/test.pt").names == file("candle/test.pt").arrays().map(\.name))
        #expect(try file("candle/test_with_key.pt").names.allSatisfy { $0.contains(".") })
        let broken = refusal { _ = try file("burn/broken.pt") }
        #expect(broken?.description.contains("broken.pt") == true && broken?.description.contains("byte 0") == true)
        #expect(refusal { _ = try file("burn/float32.pt").array("nothing") }?.problem.contains("no tensor") == true)
    }
}
