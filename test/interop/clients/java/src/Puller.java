import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.model.Message;
import java.util.List;

/**
 * Pulls the three receipt types as the usual pullers do: batches of 16 without a wait of their own, each message handled and
 * then deleted, three seconds of sleep after an error. Prints `seen MESSAGEID DEQUEUECOUNT JSON` for every message that comes
 * and `taken MESSAGEID` once its deletion is acknowledged. Runs until it is killed.
 */
public final class Puller {
  private static final String QUEUE = "Alicom-Queue-" + System.getenv("SMQ_ACCOUNT") + "-";

  private Puller() {}

  public static void main(String[] args) {
    MNSClient client = Clients.open(System.getenv("SMQ_KEY_ID"), System.getenv("SMQ_KEY_SECRET"));
    for (String type : List.of("ChatAppInbound", "ChatAppStatus", "ChatAppAudit")) {
      CloudQueue queue = client.getQueueRef(QUEUE + type);
      new Thread(() -> pull(queue), type).start();
    }
  }

  private static void pull(CloudQueue queue) {
    while (true) {
      try {
        List<Message> messages = queue.batchPopMessage(16);
        if (messages == null) {
          continue;
        }
        for (Message message : messages) {
          String id = message.getMessageId();
          String receipt = message.getMessageBodyAsString();
          System.out.println("seen " + id + " " + message.getDequeueCount() + " " + receipt);
          queue.deleteMessage(message.getReceiptHandle());
          System.out.println("taken " + id);
        }
      } catch (Exception error) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(3_000);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
