import ApusCore

extension Catalog {
    /// What networks are made of beside layers.
    static let definition: [CatalogEntry] = [
        CatalogEntry(
            "Module", "A part of a network; finds what its properties hold: arrays, dictionaries, optionals",
            keras: ["Wrapper"], torch: ["Module", "ModuleList", "ModuleDict"], mlx: ["Module"]),
        CatalogEntry("Layer", "A module whose computation may fail", keras: ["Layer"]),
        CatalogEntry(
            "Parameter", "A tensor of a layer, learnt or kept; held in arrays and dictionaries, too",
            torch: ["Parameter", "ParameterList", "ParameterDict"], mlx: ["ParameterInfo"]),
        CatalogEntry(
            "Sequential", "Layers one after the other", keras: ["Sequential", "Pipeline"], torch: ["Sequential"],
            mlx: ["Sequential"]),
        CatalogEntry("Input", "Where a functional model begins", keras: ["Input", "InputLayer"]),
        CatalogEntry("Model", "What leads from inputs to outputs", keras: ["Model"]),
    ]

    /// Functions of tensors that layers are made of, and what is read from a tensor.
    static let networkFunctions: [CatalogEntry] = [
        CatalogEntry(
            "batchNorm", "Channels normalised by the statistics of the batch", keras: ["ops.batch_normalization"],
            torch: ["nn.functional.batch_norm"]),
        CatalogEntry(
            "layerNorm", "Features of each sample normalised", keras: ["ops.layer_normalization"],
            torch: ["nn.functional.layer_norm"]),
        CatalogEntry(
            "rmsNorm", "Features divided by the root of their mean square", keras: ["ops.rms_normalization"],
            torch: ["nn.functional.rms_norm"]),
        CatalogEntry(
            "groupNorm", "Runs of channels of each sample normalised", torch: ["nn.functional.group_norm"]),
    ]

    /// What is known of a tensor, and derivatives.
    static let tensorBasics: [CatalogEntry] = [
        CatalogEntry(
            "Tensor.init", "A tensor of given numbers; a tensor is a value, so that nothing needs a copy",
            keras: ["ops.array", "ops.convert_to_tensor", "ops.copy"], torch: ["tensor"]),
        CatalogEntry("Tensor.array()", "The numbers of a tensor", keras: ["ops.convert_to_numpy"]),
        CatalogEntry("Tensor.shape", "The extents", keras: ["ops.shape"], torch: ["Tensor.shape"]),
        CatalogEntry("Shape.count", "How many elements", keras: ["ops.size"], torch: ["numel"]),
        CatalogEntry("Tensor.rank", "How many axes", keras: ["ops.ndim"], torch: ["Tensor.ndim"]),
        CatalogEntry("Tensor.dtype", "The type of the elements", keras: ["ops.dtype"], torch: ["Tensor.dtype"]),
        CatalogEntry(
            "jvp", "A derivative in a direction", keras: ["ops.jvp", "ops.linalg.jvp"], torch: ["func.jvp"],
            mlx: ["jvp"]),
        CatalogEntry("vjp", "A product with the transposed Jacobian", torch: ["func.vjp"], mlx: ["vjp"]),
        CatalogEntry("jacobian", "All derivatives of all outputs", torch: ["func.jacrev", "func.jacfwd"]),
        CatalogEntry("hessian", "All second derivatives", torch: ["func.hessian"]),
        CatalogEntry("ComputationGraph", "Values, edges and derivatives of a computation of single numbers"),
        CatalogEntry("formula", "A computation of single numbers written out"),
        CatalogEntry("derivativeFormula", "A derivative of a computation of single numbers written out"),
        CatalogEntry("hessianVectorProduct", "Second derivatives in a direction", torch: ["autograd.functional.hvp"]),
    ]
}
