import com.aliyun.mns.client.CloudAccount;
import com.aliyun.mns.client.MNSClient;

/** Opens clients of SDK 1.x. */
final class Clients {
  private Clients() {}

  static MNSClient open(String id, String secret) {
    return new CloudAccount(id, secret, System.getenv("SMQ_ENDPOINT")).getMNSClient();
  }
}
