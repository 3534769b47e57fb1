import ApusCore
import ApusNN

extension Sequential {
    /// A language model of two LSTM layers: `[batch, time]` tokens `-> [batch, time, vocabulary]` scores of the next ones;
    /// 874,881 parameters with a vocabulary of 65.
    public static func characterLSTM(vocabulary: Int, width: Int = 256, embedding: Int = 64) -> Sequential {
        Sequential {
            Embedding(vocabulary, features: embedding)
            LSTM(width, returnsSequence: true)
            LSTM(width, returnsSequence: true)
            Dense(vocabulary)
        }
    }
}
