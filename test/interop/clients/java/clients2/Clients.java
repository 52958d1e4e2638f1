import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.client.MNSClientBuilder;
import com.aliyun.mns.common.auth.SignVersion;
import com.aliyun.mns.common.http.ClientConfiguration;

/** Opens clients of SDK 2.x, with the signature version that SMQ_SIGNATURE names. */
final class Clients {
  private Clients() {}

  static MNSClient open(String id, String secret) {
    ClientConfiguration configuration = new ClientConfiguration();
    if ("V4".equals(System.getenv("SMQ_SIGNATURE"))) {
      configuration.setSignatureVersion(SignVersion.V4);
    }
    return MNSClientBuilder.create()
        .accessKeyId(id)
        .accessKeySecret(secret)
        .accountEndpoint(System.getenv("SMQ_ENDPOINT"))
        .region("cn-hangzhou")
        .clientConfiguration(configuration)
        .build();
  }
}
