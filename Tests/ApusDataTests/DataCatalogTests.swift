import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct DataCatalogTests {
    let folder = TemporaryFolder()

    private func write(_ shape: [Int], _ name: String, in folder: TemporaryFolder) throws {
        let count = shape.reduce(1, *)
        let bytes = (0..<count).map { UInt8($0 % 7) }
        try IDX.write(try RawArray(.uint8, shape: shape, bytes: bytes), to: folder.file(name))
    }

    @Test func digitsAreDrawn() throws {
        let data = try DataCatalog.load("digits", seed: 3, count: 60)
        #expect(data.train.count == 50 && data.test.count == 10)
        #expect(data.train.inputShape == [28, 28, 1] && data.train.classCount == 10)
        #expect(data.train.classNames == (0...9).map(String.init))
    }

    @Test func foldersOfIDXFilesAreRead() throws {
        try write([4, 5, 3], "train-images-idx3-ubyte.gz", in: folder)
        try write([4], "train-labels-idx1-ubyte", in: folder)
        try write([2, 5, 3], "t10k-images.idx3-ubyte", in: folder)
        try write([2], "t10k-labels.idx1-ubyte.gz", in: folder)
        for path in [folder.path, folder.path + "/"] {
            let data = try DataCatalog.load(path)
            #expect(data.train.count == 4 && data.train.inputShape == [5, 3, 1] && data.train.classCount == 4)
            #expect(data.test.count == 2)
            #expect(data.test.label(at: 1) == 1)
            #expect(data.train.name == folder.path.split(separator: "/").last.map(String.init))
        }
    }

    @Test func mistakesNameTheFolder() throws {
        let path = folder.path
        func message() -> String? { refusal { _ = try DataCatalog.load(path) }?.description }
        #expect(
            message() == "data set \(path): the file train-images-idx3-ubyte (or .gz) is missing; "
                + "put the four IDX files of the data set into one folder")
        try write([4, 6], "train-images-idx3-ubyte", in: folder)
        #expect(message()?.hasPrefix("data set \(path): the file train-labels-idx1-ubyte (or .gz) is missing") == true)
        try write([3], "train-labels-idx1-ubyte", in: folder)
        #expect(
            message() == "data set \(path): the images have shape [4, 6]; "
                + "give [count, height, width] or [count, height, width, channels]")
        try write([4, 6, 6], "train-images-idx3-ubyte", in: folder)
        #expect(
            message() == "data set \(path): images of shape [4, 6, 6], labels of shape [3]; give one label an image")
        try write([0, 6, 6], "train-images-idx3-ubyte", in: folder)
        try write([0], "train-labels-idx1-ubyte", in: folder)
        #expect(message()?.hasSuffix(": there are no samples; give at least one") == true)
    }

    @Test func unknownNamesAreAnswered() {
        let error = refusal { _ = try DataCatalog.load("cifar99") }
        #expect(
            error?.description == "data set cifar99: there is no data set and no folder of this name; "
                + "use digits, mnist, fashion-mnist, or the path of a folder with IDX files")
        let few = refusal { _ = try DataCatalog.load("digits", count: 5) }
        #expect(
            few?.description
                == "digits: 5 images are asked for; ask for 6 to 10000000, of which one in six is for testing")
    }

    @Test func realFilesAreRead() throws {
        guard let path = SharedFiles.path("mnist") else { return }
        let data = try DataCatalog.load(path)
        #expect(data.train.count == 60_000 && data.test.count == 10_000)
        #expect(data.train.inputShape == [28, 28, 1] && data.train.classCount == 10)
        #expect((0..<5).map { data.test.label(at: $0) } == [7, 2, 1, 0, 4])
        // The mean pixel of the training images, as everywhere in the literature.
        let images = try Tensor(try IDX.read("\(path)/train-images-idx3-ubyte.gz")).cast(to: .float32)
        #expect(abs(try images.mean().item() / 255 - 0.1307) < 1e-4)
    }
}
