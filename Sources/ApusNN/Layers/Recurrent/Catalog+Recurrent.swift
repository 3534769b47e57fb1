import ApusCore

extension Catalog {
    static let recurrentLayers: [CatalogEntry] = [
        CatalogEntry(
            "Recurrent", "A recurrence over sequences by any cell: layers, directions, states, masks, lengths",
            keras: ["RNN", "Bidirectional"]),
        CatalogEntry(
            "SimpleRNN", "Simple recurrences over sequences", keras: ["SimpleRNN"], torch: ["RNN"], mlx: ["RNN"]),
        CatalogEntry(
            "LSTM", "Long short-term memories over sequences, also with peepholes and projection", keras: ["LSTM"],
            torch: ["LSTM"], mlx: ["LSTM"]),
        CatalogEntry(
            "GRU", "Gated recurrent units over sequences, reset before or after the product", keras: ["GRU"],
            torch: ["GRU"], mlx: ["GRU"]),
        CatalogEntry("SimpleRNNCell", "One step of a simple recurrence", keras: ["SimpleRNNCell"], torch: ["RNNCell"]),
        CatalogEntry("LSTMCell", "One step of a long short-term memory", keras: ["LSTMCell"], torch: ["LSTMCell"]),
        CatalogEntry("GRUCell", "One step of a gated recurrent unit", keras: ["GRUCell"], torch: ["GRUCell"]),
        CatalogEntry("MGUCell", "One step of the minimal gated unit"),
        CatalogEntry("MinimalGRUCell", "One step of the minimal GRU, whose gate sees the input alone"),
        CatalogEntry("StackedCells", "Cells one above the other as one", keras: ["StackedRNNCells"]),
        CatalogEntry("ConvLSTMCell", "One step of a convolutional LSTM"),
        CatalogEntry("ConvLSTM1D", "Convolutional LSTMs over sequences of sequences", keras: ["ConvLSTM1D"]),
        CatalogEntry("ConvLSTM2D", "Convolutional LSTMs over sequences of images", keras: ["ConvLSTM2D"]),
        CatalogEntry("ConvLSTM3D", "Convolutional LSTMs over sequences of volumes", keras: ["ConvLSTM3D"]),
        CatalogEntry("TimeDistributed", "A layer applied to each step", keras: ["TimeDistributed"]),
    ]
}
