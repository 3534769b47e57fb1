import Apus

/// Layers, models, losses, data sets and training.
extension Misuse {
    private static func zeros(_ extents: Int...) -> Tensor { Tensor.zeros(Shape(extents)) }

    private static func dataset(_ labels: [Int32] = [0, 1, 1, 0]) throws -> Dataset {
        try Dataset(inputs: zeros(labels.count, 3), targets: Tensor(labels), name: "small")
    }

    private static func trainer(_ loss: Loss = .softmaxCrossEntropy, units: Int = 2) -> Trainer {
        Trainer(Sequential { Dense(units) }, loss: loss, optimizer: .sgd(), metrics: [.accuracy])
    }

    static let layerRows: [Row] = [
        .reading(
            "an LSTM on a matrix", "layer LSTM: an input of shape [4, 3]; feed [batch, time, features]"
        ) { LSTM(2)(zeros(4, 3)) },
        .reading(
            "states of another batch",
            "layer GRUCell (layer cells.0): states of shapes [3, 2] and types [float32] for an input of shape [4, 3] "
                + "and type float32; give states of shapes [4, 2] and the input's type"
        ) { GRU(2)(zeros(4, 5, 3), states: [zeros(3, 2)]) },
        .reading(
            "an LSTM within a model without units",
            "layer LSTMCell (layer lstm1.cells.0): the number of units is 0; use a number in 1...1048576"
        ) { Sequential { LSTM(0) }(zeros(4, 5, 3)) },
        .reading(
            "a parameter that is never built",
            "parameter: it has no value: its layer has not seen an input yet; call the model once, or "
                + "build(inputShape:), before reading its parameters"
        ) { Dense(3).weight.value },
        Row(
            "a gradient of a model that the loss does not call",
            "valueAndGradient: the model has no trainable parameters with values; let the loss call the "
                + "model, add a layer with parameters, or unfreeze some"
        ) {
            _ = try valueAndGradient(Dense(3)) { _ in zeros(1).sum() }
        },
        .reading(
            "a dense layer without units",
            "layer Dense: 0 units on an input of shape [1, 3]; use at least one unit and an input of at "
                + "least one axis"
        ) { Dense(0)(zeros(1, 3)) },
        .reading(
            "a dense layer on a scalar",
            "layer Dense: 2 units on an input of shape []; use at least one unit and an input of at least "
                + "one axis"
        ) { Dense(2)(zeros()) },
        .reading(
            "a dense layer on another width",
            "parameter: it was built with shape [3, 2], this input needs [4, 2]; feed inputs with as many "
                + "features or channels as at first, or make a new layer"
        ) {
            let layer = Dense(2)
            _ = layer(zeros(1, 3))
            return layer(zeros(1, 4))
        },
        .reading(
            "a dense layer on integers",
            "parameter: its layer's input has type int32; cast the input to float32 first"
        ) { Dense(2)(Tensor([Int32(1), 2], shape: [1, 2])) },
        .reading(
            "a convolution layer on a matrix",
            "layer Conv2D: an input of shape [4, 4]; feed [batch, height, width, channels]"
        ) { Conv2D(8, kernel: 3)(zeros(4, 4)) },
        .reading(
            "a convolution layer with groups that do not divide",
            "layer Conv2D: 3 groups of 8 maps and of the 6 channels of input [1, 8, 8, 6]; use a number "
                + "of groups that divides maps and channels"
        ) {
            Conv2D(8, kernel: 3, groups: 3)(zeros(1, 8, 8, 6))
        },
        .reading(
            "a convolution layer with a giant kernel",
            "layer Conv2D: 1 maps, kernel 1099511627776x1099511627776; use 1 to 16777216 maps and a "
                + "kernel of 1 to 4096"
        ) { Conv2D(1, kernel: 1 << 40)(zeros(1, 8, 8, 1)) },
        .reading(
            "a convolution layer with stride 0",
            "operation convolution: stride 0 is out of range; use numbers in 1...4096"
        ) { Conv2D(1, kernel: 3, stride: 0)(zeros(1, 8, 8, 1)) },
        .reading(
            "a pooling layer without a window",
            "operation maxPool: window extent 0 is out of range; use numbers in 1...4096"
        ) { MaxPool2D(0)(zeros(1, 8, 8, 1)) },
        .reading(
            "global pooling of a matrix",
            "layer GlobalAveragePool2D: an input of shape [2, 3]; feed [batch, height, width, channels]"
        ) { GlobalAveragePool2D()(zeros(2, 3)) },
        .reading(
            "batch norm of a vector",
            "layer BatchNorm: an input of shape [3]; feed at least [batch, channels]"
        ) { BatchNorm()(zeros(3)) },
        .reading(
            "dropout of everything",
            "layer Dropout: the rate is 1.0; use a probability from 0 to below 1"
        ) { Dropout(1)(zeros(3)) },
        .reading(
            "a dropout rate that is no number",
            "layer Dropout: the rate is nan; use a probability from 0 to below 1"
        ) { Dropout(.nan)(zeros(3)) },
        .reading(
            "initial values of another shape",
            "initializer values: it made shape [2, 2], the layer needs [3, 2]; give values of that shape"
        ) { Dense(2, initializer: .values(zeros(2, 2)))(zeros(1, 3)) },
        .reading(
            "the path of a layer deep inside",
            "layer Conv2D (layer sequential1.conv2d1): an input of shape [1, 4]; feed [batch, height, "
                + "width, channels]"
        ) {
            Sequential {
                Dense(4)
                Sequential { Conv2D(2, kernel: 3) }
            }(zeros(1, 3))
        },
        Row(
            "a model input that can't be",
            "model input: shape [1, -28, 28, 1] has a negative extent or more elements than memory can "
                + "hold; use extents of 0 or more whose product fits"
        ) { try Sequential.cnn().build(inputShape: [1, -28, 28, 1]) },
        Row(
            "images too small for the model",
            "operation convolution (layer conv2d2): the window [5, 5] with dilation [1, 1] reaches over 5 "
                + "cells of spatial axis 0, images [3, 3] with padding (0, 0) have 3; use a smaller kernel, "
                + "larger images or padding"
        ) { try Sequential.leNet5().build(inputShape: [1, 6, 6, 1]) },
        Row(
            "a summary of a model that does not fit",
            "layer Conv2D (layer conv2d1): an input of shape [1, 32, 32]; feed [batch, height, width, "
                + "channels]"
        ) {
            _ = try Summary(Sequential.resNet18(), inputShape: [1, 32, 32])
        },
        Row(
            "a notation with an unknown layer",
            "network notation: column 5: \"Q\" is not known; use C16 (or C16k5s2), B, R, T, S, P, A, GAP, D0.5, F, L10, or a "
                + "name that apus layers lists"
        ) { _ = try Sequential(notation: "C16 Q P L10") },
        Row(
            "a notation without layers",
            "network notation: \"  \" has no layers; write layers such as C16 B R P L10"
        ) { _ = try Sequential(notation: "  ") },
        Row(
            "a notation without its number",
            "network notation: column 5: \"L\" needs a number from 1 to 65536; write it as in C16, C16k5s2, P2 or L10"
        ) { _ = try Sequential(notation: "C16 L") },
        Row(
            "an unknown model",
            "model alexnet: there is no model of this name; use linear, mlp, cnn, lenet5, resnet18, "
                + "densenet, mobilenetv2, or a "
                + "notation such as \"C16 B R P L10\""
        ) { _ = try ModelCatalog.model("alexnet", classes: 10) },
        .reading(
            "half an axis for a gated unit",
            "activation glu: axis -1 of shape [2, 3] cannot be halved; use an even extent"
        ) { GatedUnit.glu(zeros(2, 3)) },
        .reading(
            "cross-entropy with labels as numbers",
            "softmaxCrossEntropy: logits of shape [4, 2] with labels of shape [4] and type float32; give "
                + "integer labels of the logits' shape without its last axis"
        ) { softmaxCrossEntropy(zeros(4, 2), zeros(4)) },
        .reading(
            "cross-entropy with a label too many",
            "softmaxCrossEntropy: logits of shape [2, 3] with labels of shape [3] and type int32; give "
                + "integer labels of the logits' shape without its last axis"
        ) {
            softmaxCrossEntropy(zeros(2, 3), Tensor([Int32(0), 1, 2]))
        },
        .reading(
            "cross-entropy with a label beyond the classes",
            "softmaxCrossEntropy: index 3 at position 1 is outside 0..<3; use indices from 0 to 2"
        ) {
            softmaxCrossEntropy(zeros(2, 3), Tensor([Int32(0), 3]))
        },
        .reading(
            "squared error of shapes that would broadcast",
            "meanSquaredError: an output of shape [4, 1], a target of shape [4]; make the shapes equal"
        ) { meanSquaredError(zeros(4, 1), zeros(4)) },
        .reading(
            "accuracy with targets of the output's shape",
            "metric accuracy: an output of shape [4, 4], labels of shape [4, 4]; give labels of the "
                + "output's shape without its last axis"
        ) { Metric.accuracy(zeros(4, 4), zeros(4, 4)) },
    ]

    static let trainingRows: [Row] = [
        Row(
            "a data set without samples",
            "data set data: there are no samples; give at least one"
        ) {
            _ = try Dataset(inputs: zeros(0, 3), targets: Tensor([Int32](), shape: [0]))
        },
        Row(
            "a data set with a target too few",
            "data set odd: inputs of shape [4, 3], targets of shape [1]; give as many targets as inputs, "
                + "along the first axis"
        ) {
            _ = try Dataset(inputs: zeros(4, 3), targets: Tensor([Int32(0)]), name: "odd")
        },
        Row(
            "labels below 0",
            "data set small: labels reach from -1 to 1; number the classes from 0, to 16777215 at most"
        ) { _ = try dataset([0, 1, -1]) },
        Row(
            "labels that reach too far",
            "data set small: labels reach from 0 to 16777216; number the classes from 0, to 16777215 at "
                + "most"
        ) { _ = try dataset([0, 1 << 24]) },
        Row(
            "inputs of a type that is not known",
            "data set data: inputs of type float64; give uint8, float32 or int32"
        ) {
            _ = try Dataset(inputs: Tensor.zeros([2, 2], dtype: .float64), targets: Tensor([Int32(0), 1]))
        },
        Row(
            "inputs that carry a mistake",
            "operation matmul: shapes [2, 3] and [2, 3] do not fit: inner extents 3 and 2; the last "
                + "extent of the first must equal the last but one of the second"
        ) {
            _ = try Dataset(inputs: matmul(zeros(2, 3), zeros(2, 3)), targets: Tensor([Int32(0), 1]))
        },
        Row(
            "a sample that is not there",
            "data set small: sample 4 of 4; use an index in 0..<4"
        ) { _ = try dataset().input(at: 4) },
        Row(
            "batches of no samples",
            "data set small: 4 samples in batches of 0 give no batch; use a batch size from 1 to the "
                + "number of samples"
        ) { try trainer().fit(dataset().batched(0)) },
        Row(
            "batches that are all left out",
            "data set small: 4 samples in batches of 5 give no batch; use a batch size from 1 to the "
                + "number of samples"
        ) { try trainer().fit(dataset().batched(5, dropsRemainder: true)) },
        Row(
            "a negative number of epochs",
            "trainer: -1 epochs; use 0 or more"
        ) { try trainer().fit(dataset(), epochs: -1) },
        Row(
            "labels beyond the model's classes",
            "data set small: its labels reach 7, but the model's output [4, 2] tells 2 classes apart; "
                + "give the last layer at least 8 units, or number the classes from 0"
        ) { try trainer().fit(dataset([0, 1, 2, 7])) },
        Row(
            "labels beyond the model's classes in a test",
            "data set small: its labels reach 2, but the model's output [2, 2] tells 2 classes apart; "
                + "give the last layer at least 3 units, or number the classes from 0"
        ) { _ = try trainer().evaluate(dataset([2, 0])) },
        Row(
            "a loss that is no scalar",
            "gradient: the function's result has shape [4], expected a scalar; reduce it, for example "
                + "with mean(), or use vjp with a cotangent"
        ) {
            try trainer(Loss("rows") { output, _ in output.sum(axes: [1]) }.reduced(.none)).fit(dataset())
        },
        Row(
            "a loss that does not fit the targets",
            "meanSquaredError: an output of shape [4, 2], a target of shape [4]; make the shapes equal"
        ) { try trainer(.meanSquaredError).fit(dataset()) },
        Row(
            "a loss that is no number",
            "trainer: the loss became nan at step 1 (epoch 1); lower the learning rate, scale the inputs, "
                + "or check them for values that are no numbers"
        ) {
            try trainer(Loss("root") { output, _ in (output - 1e9).squareRoot().mean() }).fit(dataset())
        },
        Row(
            "a model without parameters",
            "trainer: the model has no trainable parameters; add a layer with parameters, or unfreeze "
                + "some"
        ) {
            try Trainer(Sequential { Flatten() }, loss: .softmaxCrossEntropy, optimizer: .sgd()).fit(dataset())
        },
        Row(
            "inputs that the model does not take",
            "layer Conv2D (layer conv2d1): an input of shape [4, 3]; feed [batch, height, width, "
                + "channels]"
        ) {
            try Trainer(Sequential.cnn(), loss: .softmaxCrossEntropy, optimizer: .sgd()).fit(dataset())
        },
        Row(
            "a prediction from another width",
            "parameter (layer dense1): it was built with shape [3, 2], this input needs [4, 2]; feed "
                + "inputs with as many features or channels as at first, or make a new layer"
        ) {
            let trained = trainer()
            try trained.fit(dataset())
            _ = try trained.predict(zeros(1, 4))
        },
        Row(
            "a profile without a step",
            "profile: no step has been made; call step(inputs:targets:) first"
        ) { _ = try trainer().profile() },
        Row(
            "digits in a number that can't be",
            "digits: 5 images are asked for; ask for 6 to 10000000, of which one in six is for testing"
        ) { _ = try Digits.generate(count: 5) },
        Row(
            "a digit that is not there",
            "digits: image 10 is asked for, but there are 10; ask for 0 to 9"
        ) { _ = try Digits.generate(count: 60).test.image(at: 10) },
        Row(
            "an unknown data set",
            "data set imagenet: there is no data set and no folder of this name; use digits, mnist, "
                + "fashion-mnist, or the path of a folder with IDX files"
        ) { _ = try DataCatalog.load("imagenet") },
    ]
}
