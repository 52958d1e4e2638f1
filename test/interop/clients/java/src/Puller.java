import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.model.Message;
import java.util.List;

/**
 * Pulls the three receipt types as the usual pullers do: batches of 16 without a wait of its own, each message handled and
 * then deleted, three seconds of sleep after an error. Prints `seen TYPE DEQUEUECOUNT JSON` for every message; ends by itself
 * when its standard input does.
 */
public final class Puller {
  private Puller() {}

  public static void main(String[] args) throws Exception {
    MNSClient client = Clients.open(System.getenv("SMQ_KEY_ID"), System.getenv("SMQ_KEY_SECRET"));
    for (String type : new String[] {"ChatAppInbound", "ChatAppStatus", "ChatAppAudit"}) {
      CloudQueue queue = client.getQueueRef("Alicom-Queue-" + System.getenv("SMQ_ACCOUNT") + "-" + type);
      Thread puller = new Thread(() -> pull(queue, type));
      puller.setDaemon(true);
      puller.start();
    }
    System.out.println("pulling");
    while (System.in.read() >= 0) {
      // Whatever comes is only a sign that the parent is still there.
    }
    System.exit(0);
  }

  private static void pull(CloudQueue queue, String type) {
    while (true) {
      try {
        List<Message> messages = queue.batchPopMessage(16);
        if (messages == null) {
          continue;
        }
        for (Message message : messages) {
          synchronized (System.out) {
            System.out.println("seen " + type + " " + message.getDequeueCount() + " " + message.getMessageBodyAsString());
          }
          queue.deleteMessage(message.getReceiptHandle());
        }
      } catch (Exception error) {
        try {
          Thread.sleep(3000);
        } catch (InterruptedException stop) {
          return;
        }
      }
    }
  }
}
